import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, it, vi } from "vitest";
import { starting } from "./starting.ts";

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function listen() {
  const handlers = starting();
  const [arrived, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const server = createServer((request, response) => {
    handlers.request(request, response);
    if (request.url === "/graphql") arrived.resolve();
    else response.once("close", gone.resolve);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    handlers,
    arrived: arrived.promise,
    gone: gone.promise,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
}

it("tells health at once, and lets a request wait until there is somebody to answer it", async () => {
  const { handlers, arrived, gone, url } = await listen();
  const left = fetch(`${url}/`, { signal: AbortSignal.timeout(50) }).catch(({ name }) => name);
  expect(await left).toBe("TimeoutError");
  await gone;
  const asked = fetch(`${url}/graphql`, { method: "POST", body: "{ everything }" });
  await arrived;
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  const ready = await fetch(`${url}/health/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { data: { checks: { started: false } } }]);

  const seen: string[] = [];
  handlers.release({
    request: (request, response) => {
      seen.push(request.url ?? "");
      void text(request).then((body) => response.end(`got ${body}`));
    },
    upgrade: (_, socket) => socket.destroy(),
  });
  expect(await (await asked).text()).toBe("got { everything }");
  expect(await (await fetch(`${url}/later`)).text()).toBe("got ");
  // Who gave up is not served.
  expect(seen).toEqual(["/graphql", "/later"]);
});

it("refuses what would wait for too long", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { arrived, url } = await listen();
  const asked = fetch(`${url}/graphql`);
  await arrived;
  await vi.advanceTimersByTimeAsync(10_000);
  const answer = await asked;
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
});
