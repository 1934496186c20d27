// Shows a ring when the screens sleep, and says so when there is no network.
"use strict";

const CACHE = "netcenter-1";
const OFFLINE = "/look/offline/";

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    const page = await fetch(OFFLINE, { cache: "reload" }).catch(() => null);
    if (page?.ok) {
      const text = await page.clone().text();
      await cache.put(OFFLINE, page);
      // The styles of that page, so that it looks like ours without a network.
      const sheets = [...text.matchAll(/href="(\/static\/[^"]+\.(?:css|woff2|svg))"/g)].map((found) => found[1]);
      await Promise.allSettled(sheets.map((sheet) => cache.add(sheet)));
    }
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(OFFLINE)) ?? Response.error()));
  } else if (request.method === "GET" && new URL(request.url).pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) ?? Response.error()));
  }
});

self.addEventListener("push", (event) => {
  let ring = {};
  try { ring = event.data?.json() ?? {}; } catch { /* not ours: shown without words */ }
  event.waitUntil((async () => {
    // A screen that is being looked at rings by itself.
    const windows = await self.clients.matchAll({ type: "window" });
    const watched = windows.some((one) => one.focused && one.visibilityState === "visible");
    await self.registration.showNotification(ring.title ?? "Netcenter", {
      body: ring.body ?? "",
      icon: "/static/look/icon-192.png",
      tag: ring.tag ?? "ring",
      renotify: !watched,
      silent: watched,
      requireInteraction: !watched,
      data: { url: ring.url ?? "/desk/" },
    });
  })());
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const url = new URL(event.notification.data?.url ?? "/desk/", self.location.origin);
    const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const open = windows.find((one) => new URL(one.url).pathname.startsWith(url.pathname));
    await (open ? open.focus() : self.clients.openWindow(url.href));
  })());
});
