// What this browser keeps: who the visitor is and what has not arrived yet. All tabs of the site share it.

const PREFIX = `netcenter:${CONFIG.key}:`;
const KEEP_ACKED = 24 * 3600 * 1000;

const store = (() => {
  let box;
  try {
    box = localStorage;
    box.setItem(`${PREFIX}try`, "1");
    box.removeItem(`${PREFIX}try`);
  } catch {
    const kept = new Map(); // storage is forbidden here: the conversation lasts as long as the page
    box = {
      getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key), get length() { return kept.size; }, key: (i) => [...kept.keys()][i],
    };
  }
  return {
    get: (name) => box.getItem(PREFIX + name),
    set(name, value) {
      try { box.setItem(PREFIX + name, value); } catch { /* full: what is on the screen still goes out */ }
    },
    remove: (name) => box.removeItem(PREFIX + name),
    names(start) {
      const found = [];
      for (let i = 0; i < box.length; i += 1) {
        const key = box.key(i);
        if (key.startsWith(PREFIX + start)) found.push(key.slice(PREFIX.length));
      }
      return found;
    },
  };
})();

function random(bytes) {
  const values = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...values)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

function token() {
  let kept = store.get("token");
  if (!/^[\w-]{43}$/.test(kept || "")) {
    kept = random(32);
    store.set("token", kept);
    kept = store.get("token") || kept;
  }
  return kept;
}

function about() {
  try { return JSON.parse(store.get("about")) || {}; } catch { return {}; }
}

// One key per message, so that two tabs never overwrite each other's. An item leaves only when the server shows it.
const outbox = {
  put: (item) => store.set(`out:${item.cid}`, JSON.stringify(item)),
  remove: (cid) => store.remove(`out:${cid}`),
  get(cid) {
    try { return JSON.parse(store.get(`out:${cid}`)); } catch { return null; }
  },
  all() {
    const items = store.names("out:").map((name) => outbox.get(name.slice(4))).filter((item) => item && item.cid);
    return items.sort((a, b) => a.at - b.at || (a.cid < b.cid ? -1 : 1));
  },
  sweep() {
    for (const item of outbox.all()) if (item.acked && Date.now() - item.at > KEEP_ACKED) outbox.remove(item.cid);
  },
};
