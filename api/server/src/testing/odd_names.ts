import { readMetrics } from "@shiplog/testkit/prometheus";
import { sendRaw } from "@shiplog/testkit/raw";
import type { Edge } from "./edge.ts";

const METHODS = "GET POST PUT DELETE OPTIONS HEAD PATCH PROPFIND M-SEARCH PURGE".split(" ");
const AT_ONCE = 20;

/** Every series of ours: names and labels, without values. */
async function series(url: string): Promise<string[]> {
  const families = readMetrics(await (await fetch(`${url}/metrics`)).text());
  const ours = [...families].filter(([name]) => name.startsWith("shiplog_"));
  return ours.flatMap(([, { samples }]) =>
    samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`),
  );
}

/** Three requests with names that nobody knows: of a path and a method, of an operation, of a document. */
async function odd({ url }: Edge, key: string, i: number): Promise<void> {
  const name = `Odd${i}_${"x".repeat(i % 40)}`;
  const paths = ["/api/v1/", "/", "/graphql/", "/assets/", "/api/v1/webhooks/x/"];
  const line = `${METHODS[i % METHODS.length]} ${paths[i % paths.length]}${name}?${name} HTTP/1.1`;
  const post = async (body: object) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
    await (await fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify(body) })).text();
  };
  await Promise.all([
    sendRaw(url, `${line}\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`),
    post({ query: `query ${name} { ${name}: viewer { isAdmin } }`, operationName: name }),
    post({ documentId: `sha256:${name}` }),
  ]);
}

/** Which series `count` requests of callers who make names up add to those that such requests have already. */
export async function addedByOddNames(edge: Edge, key: string, count: number): Promise<string[]> {
  const run = async (from: number, to: number) => {
    for (let i = from; i < to; i += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, j) => odd(edge, key, i + j)));
  };
  // Every pair of a method and a path, and the scrape itself: their series are then there.
  await series(edge.url);
  await run(0, METHODS.length * 2);
  const before = await series(edge.url);
  await run(100, 100 + Math.ceil(count / 3));
  return (await series(edge.url)).filter((one) => !before.includes(one));
}
