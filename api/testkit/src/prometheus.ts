/** One line of metrics. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|Nan)$/i;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;
const TYPES = ["counter", "gauge", "histogram", "summary"];

/**
 * Reads the text format of Prometheus as strictly as promtool looks at it: throws on a line that is none, a family
 * without its help or type or in two places, a series that is there twice, and a histogram whose buckets do not add up.
 */
export function readMetrics(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, Family>();
  const [helped, seen] = [new Set<string>(), new Set<string>()];
  let current = "";
  for (const line of text.split("\n").filter(Boolean)) {
    const [, word, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word === "HELP") {
      if (!NAME.test(name) || helped.has(name)) throw new Error(`bad or repeated help: ${line}`);
      helped.add(name);
    } else if (word === "TYPE") {
      if (!helped.has(name) || families.has(name) || !TYPES.includes(rest))
        throw new Error(`bad type: ${line}`);
      families.set(name, { type: rest, samples: [] });
      current = name;
    } else {
      const sample = readSample(line);
      const family = families.get(current);
      if (!family || !belongs(sample.name, current, family.type))
        throw new Error(`out of its family: ${line}`);
      const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(series)) throw new Error(`twice: ${line}`);
      seen.add(series);
      family.samples.push(sample);
    }
  }
  for (const [name, { type, samples }] of families) if (type === "histogram") checkBuckets(name, samples);
  return families;
}

/** The sum of all samples of a name whose labels are these, and maybe more; 0 where there is none. */
export function sumOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const samples = [...families.values()].flatMap((family) => family.samples);
  const wanted = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  return wanted.reduce((sum, { value }) => sum + value, 0);
}

function readSample(line: string): Sample {
  const [, name, inner = "", value] = LINE.exec(line) ?? [];
  if (!name || value === undefined) throw new Error(`no line of metrics: ${line}`);
  const found = [...inner.matchAll(LABEL)];
  const whole = found.map(([text]) => text).join("");
  if (whole !== inner || inner.endsWith(",")) throw new Error(`bad labels: ${line}`);
  const labels = Object.fromEntries(found.map(([, key, text]) => [key, text]));
  if (Object.keys(labels).length !== found.length) throw new Error(`a label twice: ${line}`);
  return { name, labels, value: Number(value.replace("Inf", "Infinity")) };
}

function belongs(sample: string, family: string, type: string): boolean {
  const endings =
    type === "histogram" ? ["_bucket", "_sum", "_count"] : type === "summary" ? ["", "_sum", "_count"] : [""];
  return endings.some((ending) => sample === family + ending);
}

function checkBuckets(name: string, samples: readonly Sample[]): void {
  const without = ({ le: _, ...labels }: Readonly<Record<string, string>>) => JSON.stringify(labels);
  for (const { labels, value } of samples.filter((sample) => sample.name === `${name}_count`)) {
    const own = samples.filter(
      (one) => one.name === `${name}_bucket` && without(one.labels) === without(labels),
    );
    const sorted = own.toSorted((a, b) => bound(a) - bound(b));
    const rising = sorted.every((one, at) => one.value >= (sorted[at - 1]?.value ?? 0));
    const last = sorted.at(-1);
    if (!rising || !last || bound(last) !== Number.POSITIVE_INFINITY || last.value !== value)
      throw new Error(`the buckets of ${name} do not add up: ${JSON.stringify(labels)}`);
  }
}

function bound({ labels }: Sample): number {
  return Number(labels.le?.replace("Inf", "Infinity"));
}
