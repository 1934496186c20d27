// The socket: opened when there is something to say or to hear, and reopened for as long as the page lives.

const PING_EVERY = 25000;
const SILENCE = 12000; // after a ping without any answer the line is dead, whatever the browser thinks
const LONGEST_WAIT = 20000;

class Wire {
  constructor({ hello, frame, state }) {
    this.hello = hello;
    this.frame = frame;
    this.tell = state;
    this.state = "idle"; // idle, connecting, online, offline, refused
    this.tries = 0;
    addEventListener("online", () => this.wanted && this.connect());
    addEventListener("offline", () => this.wanted && this.drop());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.wanted) this.state === "online" ? this.ping() : this.connect();
    });
  }

  open() {
    this.wanted = true;
    if (this.state === "idle") this.connect();
  }

  connect() {
    if (this.state === "refused" || this.state === "connecting" || this.state === "online") return;
    clearTimeout(this.again);
    if (navigator.onLine === false) return this.move("offline");
    this.move("connecting");
    const address = new URL("ws", BASE);
    address.protocol = BASE.protocol === "https:" ? "wss:" : "ws:";
    const socket = this.socket = new WebSocket(address);
    this.silence = setTimeout(() => this.drop(), SILENCE); // a handshake may hang as well
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", v: 1, ...this.hello() }));
    socket.onmessage = ({ data }) => socket === this.socket && this.hear(JSON.parse(data));
    socket.onclose = () => socket === this.socket && this.drop();
  }

  hear(frame) {
    clearTimeout(this.silence);
    if (frame.type === "welcome") {
      this.tries = 0;
      clearInterval(this.pings);
      this.pings = setInterval(() => this.ping(), PING_EVERY);
      this.move("online");
    }
    if (frame.type === "error" && frame.final) {
      this.drop();
      clearTimeout(this.again);
      this.move("refused");
    }
    this.frame(frame);
  }

  ping() {
    if (!this.send({ type: "ping" })) return;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.drop(), SILENCE);
  }

  send(frame) {
    if (this.state !== "online" || this.socket.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  // The line is gone: forget the socket and try again, sooner at first, never all visitors at once.
  drop() {
    clearTimeout(this.silence);
    clearTimeout(this.again);
    clearInterval(this.pings);
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    if (this.state === "refused") return;
    this.move("offline");
    const wait = Math.min(LONGEST_WAIT, 400 * 2 ** this.tries) * (0.5 + Math.random());
    this.tries += 1;
    this.again = setTimeout(() => this.connect(), wait);
  }

  move(state) {
    if (state === this.state) return;
    this.state = state;
    this.tell(state);
  }
}
