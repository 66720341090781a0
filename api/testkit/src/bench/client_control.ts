import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/** A page that does nothing but show lines: what a browser needs for them at the least, on this machine and day. */
export interface Control {
  readonly url: string;
  close(): Promise<void>;
}

interface Lines {
  line(nth: number): string;
  /** Lines and messages per second. */
  readonly rate: number;
  readonly calls: number;
}

/** The same font, width and height as the log of a run; what comes at once is spread over three frames as there. */
const PAGE = `<!doctype html><title>Control</title>
<style>
  body { margin: 0 }
  main { position: relative; width: 800px; height: 760px; overflow: hidden; contain: strict }
  div { position: absolute; bottom: 0; left: 92px; right: 16px; font: 14px/22px system-ui, sans-serif; white-space: pre-wrap }
  p { margin: 0 }
</style>
<main><div></div></main>
<script>
  const log = document.querySelector("div");
  let waiting = [], pace = 1, asked = false;
  function draw() {
    const piece = document.createElement("p");
    piece.textContent = waiting.splice(0, pace).join("\\n");
    log.append(piece);
    let lines = 0;
    for (const one of [...log.children].reverse()) {
      if (lines > 40) one.remove();
      else lines += one.lines ??= one.textContent.split("\\n").length;
    }
    asked = waiting.length > 0;
    if (asked) requestAnimationFrame(draw);
  }
  new WebSocket(location.href.replace("http", "ws")).onmessage = ({ data }) => {
    waiting.push(...JSON.parse(data));
    pace = Math.ceil(waiting.length / 3);
    if (!asked) requestAnimationFrame(draw);
    asked = true;
  };
</script>`;

/** Serves the page, which is told lines from when it opens until it is closed. */
export async function startControl({ line, rate, calls }: Lines): Promise<Control> {
  const server = createServer((_incoming, outgoing) =>
    outgoing.setHeader("content-type", "text/html").end(PAGE),
  );
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket) => {
    const began = performance.now();
    let told = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1_000) * rate);
      if (due > told)
        socket.send(JSON.stringify(Array.from({ length: due - told }, (_, n) => line(told + n))));
      told = due;
    }, 1_000 / calls);
    socket.on("close", () => clearInterval(timer));
    socket.on("error", () => socket.terminate());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
