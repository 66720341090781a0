import { writeFile } from "node:fs/promises";
import { setTimeout as later } from "node:timers/promises";
import { parseArgs } from "node:util";
import { closeSite, openSite, type Site } from "../e2e/site.ts";
import { agentKey, type ExternalRun, startExternalRun } from "../external_run.ts";
import { freePort } from "../free_port.ts";
import { cleanUp, OWNER } from "../process.ts";
import { type Control, startControl } from "./client_control.ts";
import { type MeasuredPage, openPage } from "./client_page.ts";
import { type Relay, startRelay } from "./client_relay.ts";
import { type FrameFigures, frameFigures } from "./client_trace.ts";

/**
 * `bench client`: a run's page in headless Chromium with its processor slowed down, following a log of 100,000
 * lines while 1,000 more come per second. Everything is real: server, embedded PostgreSQL, the public API. What
 * comes is written first and then told to the page at the pace at which it was written, so that the server works
 * on none of the processors that the browser is measured on; `--beside` tells it while it is written. Before and
 * after it a bare page is measured that shows as many lines and does nothing else: the ratio to it is the page's own.
 * The log that pours is drawn by a worker: how often is told too, for a main thread with nothing to do is easy.
 * "Processor time" is the main thread's own work; the other times hold waiting for the processor as well. With
 * `--throttle 1` it says what the work costs, whatever else the machine does.
 */
const CATEGORIES = [
  "disabled-by-default-devtools.timeline",
  "devtools.timeline.frame",
  "disabled-by-default-devtools.timeline.frame",
];
/** To be read by a person: what the tasks were. It costs time itself. */
const DETAILS = ["devtools.timeline"];
/** Of the processor, where nothing is slowed down: both interrupt the thread, and Chromium 153 crashed in two of three runs. */
const SAMPLES = "disabled-by-default-v8.cpu_profiler";
/** Calls per second of the writer; the server makes one text event of the lines of a call. */
const CALLS = 20;
const FILL = 500;
const MUST = { p95: 16.7, longestTask: 50, heap: 1.5 };

interface Settings {
  readonly lines: number;
  readonly rate: number;
  readonly seconds: number;
  readonly throttle: number;
  readonly beside: boolean;
  /** Keeps the trace there, with details: for reading. */
  readonly trace: string | undefined;
}

interface Stage {
  readonly site: Site;
  readonly relay: Relay;
  readonly control: Control;
  /** Of the browser's DevTools. */
  readonly port: number;
}

/** How the lines are told: pieces of texts of 1,000 lines, or each a message of its own. */
type Shape = "text" | "messages";

/** Counts in the page how often a worker says that it has drawn. */
const COUNT_DRAWINGS = `drawings = 0; {
  const told = new Set(), { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (...given) {
    if (!told.has(this)) this.addEventListener("message", () => drawings += 1);
    told.add(this);
    return postMessage.apply(this, given);
  };
} 0`;

interface Figures {
  readonly follow: FrameFigures;
  /** Of the log, per second, by the worker that draws it. */
  readonly drawings: number;
  /** p50 and p95 of the bare page, before and after. */
  readonly bare: { readonly p50: number; readonly p95: number };
  /** Lines per second, as the writer managed it. */
  readonly written: number;
  /** Seconds until a page that opens has all lines, and its longest task meanwhile. */
  readonly openSeconds: number;
  readonly openLongestTask: number;
  readonly openCpuLongestTask: number;
  readonly textMB: number;
  readonly heapMB: number;
  /** Growth of the heap since the page was opened without lines, per byte of text. */
  readonly heapPerText: number;
  /** The same for the lines that came while the page followed. */
  readonly heapPerTextFollowing: number;
  readonly elements: number;
}

function line(nth: number): string {
  const kinds = ["GET /api/v1/projects", "POST /api/v1/orders", "cache miss", "job done", "retry of upload"];
  const number = String(nth).padStart(7, "0");
  return `line ${number} ${kinds[nth % kinds.length]} worker-${nth % 17} took ${(nth * 7919) % 977} ms, ${(nth * 104_729) % 65_521} bytes`;
}

function eventsOf(shape: Shape, from: number, count: number): object[] {
  const lines = Array.from({ length: count }, (_, nth) => from + nth);
  if (shape === "messages") {
    return lines.map((nth) => ({ message: { messageId: `m${nth}`, role: "assistant", text: line(nth) } }));
  }
  return lines.map((nth) => ({
    textDelta: { messageId: `m${Math.floor(nth / 1_000)}`, text: `${line(nth)}\n` },
  }));
}

async function fill(run: ExternalRun, shape: Shape, count: number): Promise<void> {
  for (let nth = 0; nth < count; nth += FILL) {
    await run.append(eventsOf(shape, nth, Math.min(FILL, count - nth)));
  }
}

/** Writes at the rate, as well as the server takes it; the seconds it took. */
async function write(run: ExternalRun, shape: Shape, settings: Settings): Promise<number> {
  const { lines, rate, seconds } = settings;
  const began = performance.now();
  let written = 0;
  while (written < rate * seconds) {
    const due = Math.floor(((performance.now() - began) / 1_000 + 1 / CALLS) * rate);
    const count = Math.min(FILL, rate * seconds - written, due - written);
    if (count > 0) await run.append(eventsOf(shape, lines + written, count));
    written += Math.max(0, count);
    const wait = began + (written / rate) * 1_000 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return (performance.now() - began) / 1_000;
}

function bytesOf(from: number, count: number): number {
  let bytes = 0;
  for (let nth = from; nth < from + count; nth++) bytes += line(nth).length + 1;
  return bytes;
}

async function traced(
  page: MeasuredPage,
  { path, throttle }: { readonly path: string | undefined; readonly throttle: number },
  work: () => Promise<void>,
) {
  const details = throttle === 1 ? [...DETAILS, SAMPLES] : DETAILS;
  const trace = await page.trace(path ? [...CATEGORIES, ...details] : CATEGORIES, work);
  if (path) await writeFile(path, trace);
  return frameFigures(trace);
}

/** A page of the owner's; what goes wrong in it is kept. */
async function signedIn({ site, port }: Stage): Promise<MeasuredPage> {
  const page = await openPage(port);
  await page.goTo(`${site.url}/login`);
  const login = { email: OWNER.email, password: OWNER.password };
  await page.evaluate(`fetch("/api/v1/auth/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: ${JSON.stringify(JSON.stringify(login))},
  }).then((answer) => { if (!answer.ok) throw new Error(answer.status); })`);
  return page;
}

/** A bare page for half as long as the run's page is followed. */
async function bareFigures({ control, port }: Stage, settings: Settings): Promise<FrameFigures> {
  const page = await openPage(port);
  await page.goTo(control.url);
  await page.throttle(settings.throttle);
  const path = settings.trace && `${settings.trace}.bare.json`;
  const figures = await traced(page, { path, throttle: settings.throttle }, () =>
    later((settings.seconds / 2) * 1_000),
  );
  await page.close();
  return figures;
}

async function benchShape(stage: Stage, shape: Shape, settings: Settings): Promise<Figures> {
  const { site, relay } = stage;
  const { lines, rate, seconds, throttle, beside, trace } = settings;
  const agent = await agentKey(site.shiplog.url, site.owner, site.project.id);
  const start = (task: string) => startExternalRun(agent, site.project.id, task);
  const before = await bareFigures(stage, settings);
  const [empty, run] = [await start("Say nothing"), await start(`Write lines as ${shape}`)];
  await fill(run, shape, lines);
  const page = await signedIn(stage);
  const shows = (nth: number) => page.shows(line(nth).slice(0, 12));
  // The code of every part of the page is loaded before the heap is measured for the first time.
  await empty.append(eventsOf(shape, 0, FILL));
  await page.goTo(`${site.url}/runs/${empty.id}`);
  await page.evaluate(`errors = []; addEventListener("error", ({ message }) => errors.push(message)); 0`);
  await page.evaluate(COUNT_DRAWINGS);
  await shows(FILL - 1);
  const heapBefore = await page.heap();
  await page.throttle(throttle);
  const began = performance.now();
  const opened = { path: trace && `${trace}.${shape}.open.json`, throttle };
  const opening = await traced(page, opened, async () => {
    await page.evaluate(`history.pushState(null, "", "/runs/${run.id}");
      dispatchEvent(new PopStateEvent("popstate")); 0`);
    await shows(lines - 1);
  });
  const openSeconds = (performance.now() - began) / 1_000;
  const heapOpened = await page.heap();
  const drawnBefore = await page.evaluate<number>("drawings");
  if (!beside) relay.hold();
  let wrote = beside ? 0 : await write(run, shape, settings);
  const followed = { path: trace && `${trace}.${shape}.json`, throttle };
  const follow = await traced(page, followed, async () => {
    if (beside) wrote = await write(run, shape, settings);
    else await relay.play();
  });
  const drawn = (await page.evaluate<number>("drawings")) - drawnBefore;
  await shows(lines + rate * seconds - 1);
  const heapAfter = await page.heap();
  const elements = await page.evaluate<number>(`document.querySelectorAll("*").length`);
  const errors = await page.evaluate<string[]>("errors");
  if (errors.length > 0) throw new Error(errors.join("\n"));
  await run.finish();
  await empty.finish();
  await page.close();
  const after = await bareFigures(stage, settings);
  const text = bytesOf(0, lines + rate * seconds);
  return {
    follow,
    drawings: drawn / follow.seconds,
    bare: { p50: (before.p50 + after.p50) / 2, p95: (before.p95 + after.p95) / 2 },
    written: (rate * seconds) / wrote,
    openSeconds,
    openLongestTask: opening.longestTask,
    openCpuLongestTask: opening.cpuLongestTask,
    textMB: text / 1e6,
    heapMB: heapAfter / 1e6,
    heapPerText: (heapAfter - heapBefore) / text,
    heapPerTextFollowing: (heapAfter - heapOpened) / bytesOf(lines, rate * seconds),
    elements,
  };
}

const round = (value: number, digits = 1) => Number(value.toFixed(digits));

function table(figures: Record<string, Figures>): Record<string, Record<string, string | number>> {
  const rows: [string, string | number, (one: Figures) => number][] = [
    ["main thread per frame, p50 ms", "", ({ follow }) => round(follow.p50)],
    ["main thread per frame, p95 ms", `<= ${MUST.p95}`, ({ follow }) => round(follow.p95)],
    ["bare page, p50 ms", "", ({ bare }) => round(bare.p50)],
    ["bare page, p95 ms", "", ({ bare }) => round(bare.p95)],
    ["p50 / bare page", "", ({ follow, bare }) => round(follow.p50 / bare.p50, 2)],
    ["p95 / bare page", "", ({ follow, bare }) => round(follow.p95 / bare.p95, 2)],
    ["main thread per frame, p99 ms", "", ({ follow }) => round(follow.p99)],
    ["main thread per frame, max ms", "", ({ follow }) => round(follow.max)],
    ["longest task, ms", `<= ${MUST.longestTask}`, ({ follow }) => round(follow.longestTask)],
    ["processor time per frame, p95 ms", "", ({ follow }) => round(follow.cpuP95)],
    ["processor time of the longest task, ms", "", ({ follow }) => round(follow.cpuLongestTask)],
    ["tasks over 50 ms of processor time", 0, ({ follow }) => follow.cpuLongTasks],
    ["tasks over 50 ms", 0, ({ follow }) => follow.longTasks],
    ["main thread busy, %", "", ({ follow }) => round(follow.busy * 100)],
    ["lines written per second", ">= 950", ({ written }) => round(written, 0)],
    ["drawings of the log per second", "", ({ drawings }) => round(drawings)],
    ["frames", "", ({ follow }) => follow.frames],
    ["text, MB", "", ({ textMB }) => round(textMB)],
    ["heap, MB", "", ({ heapMB }) => round(heapMB)],
    ["heap growth / text", `<= ${MUST.heap}`, ({ heapPerText }) => round(heapPerText, 2)],
    ["heap growth / text, following", `<= ${MUST.heap}`, (one) => round(one.heapPerTextFollowing, 2)],
    ["elements in the page", "", ({ elements }) => elements],
    ["opening: seconds to all lines", "", ({ openSeconds }) => round(openSeconds)],
    ["opening: processor time of the longest task, ms", "", (one) => round(one.openCpuLongestTask)],
    ["opening: longest task, ms", "", ({ openLongestTask }) => round(openLongestTask)],
  ];
  return Object.fromEntries(
    rows.map(([name, must, of]) => [
      name,
      {
        must,
        ...Object.fromEntries(Object.entries(figures).map(([shape, one]) => [shape, of(one)])),
      },
    ]),
  );
}

/** Measures both shapes, or the one that `--shape` names, and prints a table; `--json` prints the figures. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      lines: { type: "string", default: "100000" },
      rate: { type: "string", default: "1000" },
      seconds: { type: "string", default: "60" },
      throttle: { type: "string", default: "4" },
      beside: { type: "boolean", default: false },
      shape: { type: "string" },
      trace: { type: "string" },
    },
  });
  const settings = {
    lines: Number(values.lines),
    rate: Number(values.rate),
    seconds: Number(values.seconds),
    throttle: Number(values.throttle),
    beside: values.beside,
    trace: values.trace,
  };
  const shapes = values.shape ? [values.shape as Shape] : (["text", "messages"] as const);
  let site: Site | undefined;
  let relay: Relay | undefined;
  let control: Control | undefined;
  try {
    const port = await freePort();
    site = await openSite({ SHIPLOG_RATE_LIMIT: "0" }, [`--remote-debugging-port=${port}`]);
    relay = await startRelay(Number(new URL(site.shiplog.url).port));
    site.proxy.target(relay.port);
    control = await startControl({ line, rate: settings.rate, calls: CALLS });
    const stage = { site, relay, control, port };
    const figures: Record<string, Figures> = {};
    for (const shape of shapes) figures[shape] = await benchShape(stage, shape, settings);
    if (values.json) console.log(JSON.stringify({ settings, figures }));
    else console.table(table(figures));
  } finally {
    await closeSite(site);
    await relay?.close();
    await control?.close();
    await cleanUp();
  }
}
