// Rings on this browser while its screens sleep: import { canPush, isOn, turnOn, turnOff } from a settings page.

export const canPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

export async function register() {
  if ("serviceWorker" in navigator) return navigator.serviceWorker.register("/sw.js", { scope: "/" });
  return null;
}

// The browser keeps its subscription when its person signs out; the house does not.
export async function isOn() {
  if (!canPush || Notification.permission !== "granted") return false;
  const worker = await navigator.serviceWorker.getRegistration("/");
  if (!(await worker?.pushManager.getSubscription())) return false;
  return (await (await fetch("/live/push/key/")).json()).on;
}

// Must be called from a click: browsers ask for permission only then. False when the person says no.
export async function turnOn() {
  if (!canPush || (await Notification.requestPermission()) !== "granted") return false;
  await register();
  const worker = await navigator.serviceWorker.ready;
  const { key } = await (await fetch("/live/push/key/")).json();
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  return (await post("/live/push/subscribe/", subscription.toJSON())).ok;
}

export async function turnOff() {
  const worker = await navigator.serviceWorker.getRegistration("/");
  const subscription = await worker?.pushManager.getSubscription();
  if (!subscription) return;
  await post("/live/push/unsubscribe/", { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}

function post(url, content) {
  // The same token that htmx sends: base.html writes it once.
  const token = JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...token },
    body: JSON.stringify(content),
  });
}

function bytes(base64url) {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
