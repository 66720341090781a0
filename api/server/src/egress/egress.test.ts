import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createEgressFetch } from "./fetch.ts";

/** The canary: nothing may ever reach it but what is allowed. */
let connections = 0;
let location = "";
const canary = createServer((request, response) => {
  if (request.url === "/moved") response.writeHead(302, { location }).end();
  else if (request.url === "/large") response.end(Buffer.alloc(70_000));
  else
    response.end(
      JSON.stringify({ host: request.headers.host, authorization: request.headers.authorization ?? null }),
    );
});
canary.on("connection", () => connections++);
let port = 0;
beforeAll(async () => {
  await new Promise<void>((done) => canary.listen(0, "127.0.0.1", done));
  port = (canary.address() as AddressInfo).port;
});
afterAll(() => new Promise((done) => canary.close(done)));

const HOSTS = [
  ...["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001"],
  ...["0.0.0.0", "0", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255"],
  ...["192.168.0.1", "192.168.255.255", "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.127.255.254"],
  ...["192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9"],
  ...[
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "127.0.0.1.",
    "①②⑦.0.0.1",
    "127。0。0。1",
  ],
  ...["[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"],
  ...["[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[fe80::1]"],
  ...[
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[2001::1]",
    "[100::1]",
  ],
  ...["localhost", "inner.example", "mixed.example", "six.example"],
];
const NAMES: Readonly<Record<string, readonly string[]>> = {
  localhost: ["127.0.0.1"],
  "inner.example": ["10.1.2.3"],
  // One inner address among others is one too many.
  "mixed.example": ["93.184.216.34", "127.0.0.1"],
  "six.example": ["::1"],
  "nothing.example": [],
};
const resolve = async (host: string) => NAMES[host] ?? [];
const strict = createEgressFetch({ resolve });

it(`refuses ${HOSTS.length} ways to say an inner address, before it connects`, async () => {
  expect(HOSTS.length).toBeGreaterThanOrEqual(55);
  const before = connections;
  for (const host of HOSTS) {
    await expect(strict(`http://${host}/`), host).rejects.toThrow("not one of the public internet");
  }
  expect(connections).toBe(before);
});

it("refuses other schemes, ports, passwords and names that lead nowhere", async () => {
  const before = connections;
  const refused = ["ftp://example.org/", "file:///etc/passwd", "http://nothing.example/"];
  for (const url of [...refused, "https://93.184.216.34:8443/", `http://127.0.0.1:${port}/`]) {
    await expect(strict(url), url).rejects.toThrow();
  }
  expect(connections).toBe(before);
});

it("goes where the list allows, and checks each redirect anew, without credentials for others", async () => {
  const allow = [`git.example:${port}`, `other.example:${port}`];
  const own = createEgressFetch({ allow, resolve: async () => ["127.0.0.1"] });
  const headers = { authorization: "Bearer mine" };
  const answer = await own(`http://git.example:${port}/`, { headers });
  expect(await answer.json()).toEqual({ host: `git.example:${port}`, authorization: "Bearer mine" });

  location = `http://other.example:${port}/`;
  const moved = await own(`http://git.example:${port}/moved`, { headers });
  expect(await moved.json()).toEqual({ host: `other.example:${port}`, authorization: null });
  for (location of [
    `http://127.0.0.1:${port}/`,
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
  ]) {
    await expect(own(`http://git.example:${port}/moved`)).rejects.toThrow();
  }
  location = "/moved";
  await expect(own(`http://git.example:${port}/moved`)).rejects.toThrow("redirects");
  await expect(own(`http://git.example:${port}/large`)).rejects.toThrow("larger than 65536 bytes");
});

it("connects to the address it checked: a name that changes its mind is not asked again", async () => {
  let asked = 0;
  const rebinding = async () => (asked++ === 0 ? ["192.0.2.1"] : ["127.0.0.1"]);
  const fetcher = createEgressFetch({
    allow: [`rebind.example:${port}`],
    resolve: rebinding,
    connectMs: 100,
  });
  const before = connections;
  await expect(fetcher(`http://rebind.example:${port}/`)).rejects.toThrow();
  expect([asked, connections]).toEqual([1, before]);
});
