import { AsyncLocalStorage } from "node:async_hooks";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, onTestFinished, test } from "vitest";
import { createPgNotifier } from "./notify.ts";
import { queryRaw, sql } from "./sql.ts";

const database = await testDatabase();

async function open() {
  const seen = { notified: [] as string[], reconnects: 0, errors: 0 };
  const notifier = createPgNotifier({
    url: database.url,
    channels: ["wake", "odd Channel"],
    onNotify: (channel) => seen.notified.push(channel),
    onReconnect: () => seen.reconnects++,
    onError: () => seen.errors++,
  });
  onTestFinished(() => notifier.stop());
  await notifier.ready;
  return { notifier, seen };
}

async function cutAll(): Promise<void> {
  await queryRaw(
    database.db,
    sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'shiplog-notify' AND datname = current_database()`,
  );
}

test("a notification reaches the others, not its sender, and a burst becomes a few", async () => {
  const [a, b] = [await open(), await open()];
  for (let i = 0; i < 500; i++) a.notifier.notify("wake");
  a.notifier.notify("odd Channel");
  await expect.poll(() => b.seen.notified).toContain("odd Channel");
  await expect.poll(() => b.seen.notified).toContain("wake");
  expect(b.seen.notified.length).toBeLessThan(10);
  expect(a.seen.notified).toEqual([]);
});

test("after a lost connection it listens again, says so, and sends what was asked meanwhile", async () => {
  const [a, b] = [await open(), await open()];
  await cutAll();
  a.notifier.notify("wake");
  await expect.poll(() => [a.seen.reconnects, b.seen.reconnects], { timeout: 10_000 }).toEqual([1, 1]);
  expect(b.seen.errors).toBeGreaterThan(0);
  a.notifier.notify("wake");
  await expect.poll(() => b.seen.notified).toContain("wake");
});

test("a stopped notifier stays stopped", async () => {
  const { notifier, seen } = await open();
  await notifier.stop();
  await cutAll();
  const rows = await queryRaw(
    database.db,
    sql`SELECT FROM pg_stat_activity WHERE application_name = 'shiplog-notify' AND datname = current_database()`,
  );
  expect([rows.length, seen.reconnects, seen.errors]).toEqual([0, 0, 0]);
});

test("what it hears and loses belongs to nobody who happened to notify", async () => {
  const request = new AsyncLocalStorage<string>();
  const about: (string | undefined)[] = [];
  const note = () => void about.push(request.getStore());
  const notifier = createPgNotifier({
    url: database.url,
    channels: ["wake"],
    onNotify: note,
    onReconnect: note,
    onError: note,
  });
  onTestFinished(() => notifier.stop());
  await notifier.ready;
  const cut = cutAll();
  // Some of these meet the connection when it breaks.
  await request.run("a request", async () => {
    for (let over = false; !over; ) {
      notifier.notify("wake");
      over = !notifier.connected;
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await cut;
  await expect.poll(() => notifier.connected, { timeout: 10_000 }).toBe(true);
  const other = await open();
  other.notifier.notify("wake");
  await expect.poll(() => about.length).toBeGreaterThan(2);
  expect(new Set(about)).toEqual(new Set([undefined]));
});
