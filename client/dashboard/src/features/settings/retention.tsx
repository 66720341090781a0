import { createSignal, For, Show } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import { hasRole } from "../../app/viewer.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";
import { Section } from "../../ui/page.tsx";
import { UpdateRetentionDocument } from "./data.ts";
import type { TabProps } from "./page.tsx";

const KEPT = [
  {
    key: "contentDays",
    label: "Content",
    least: 1,
    hint: "Prompts, responses, diffs, raw payloads, long texts; tasks, inputs and results of runs.",
  },
  { key: "eventDays", label: "Events", least: 1, hint: "Events of runs and pipelines that have ended." },
  {
    key: "deliveryDays",
    label: "Deliveries",
    least: 90,
    hint: "Webhooks. At least 90: one that is forgotten could be replayed.",
  },
  { key: "auditDays", label: "Audit log", least: 30, hint: "Who did what. At least 30." },
] as const;
type Kept = (typeof KEPT)[number]["key"];

const MODES = [
  { value: "FULL", label: "Everything" },
  { value: "METADATA", label: "Counts, names and times; no prompts, responses, diffs, payloads" },
];

/** How long a project keeps what; a job acts on it. */
export function Retention(props: TabProps) {
  const now = () => props.project.retention;
  const text = (key: Kept) => String(now()[key] ?? "");
  const [days, setDays] = createSignal<Readonly<Record<Kept, string>>>({
    contentDays: text("contentDays"),
    eventDays: text("eventDays"),
    deliveryDays: text("deliveryDays"),
    auditDays: text("auditDays"),
  });
  const [mode, setMode] = createSignal(now().privacyMode);
  const [saved, setSaved] = createSignal(false);
  const save = createAction(async () => {
    setSaved(false);
    const whole = (key: Kept) => (days()[key].trim() === "" ? null : Number(days()[key]));
    await mutate(UpdateRetentionDocument, {
      input: {
        projectId: props.project.id,
        privacyMode: mode(),
        contentDays: whole("contentDays"),
        eventDays: whole("eventDays"),
        deliveryDays: whole("deliveryDays"),
        auditDays: whole("auditDays"),
      },
    });
    setSaved(true);
    props.changed();
  });
  const mayManage = () => hasRole(props.project, "owner");
  const changed = () => mode() !== now().privacyMode || KEPT.some(({ key }) => days()[key] !== text(key));
  return (
    <Section title="Retention">
      <form class="flex flex-col gap-4 p-4" onInput={() => setSaved(false)} onSubmit={submits(save)}>
        <p class="text-muted">
          In days; an empty field keeps for good. A job removes what is older within an hour, and what is
          removed does not come back.
        </p>
        <fieldset class="flex flex-col gap-4" disabled={!mayManage()}>
          <legend class="sr-only">How long what is kept</legend>
          <div class="grid gap-4 md:grid-cols-2">
            <For each={KEPT}>
              {(one) => (
                <TextField
                  label={`${one.label}, days`}
                  type="number"
                  inputMode="numeric"
                  min={one.least}
                  max={3650}
                  step={1}
                  placeholder="for good"
                  hint={one.hint}
                  value={days()[one.key]}
                  onText={(value) => setDays((old) => ({ ...old, [one.key]: value }))}
                />
              )}
            </For>
          </div>
          <SelectField
            label="What is stored at all, from now on"
            value={mode()}
            options={MODES}
            onChange={(value) => setMode(value === "METADATA" ? "METADATA" : "FULL")}
          />
        </fieldset>
        <ActionError error={save.error()} />
        <Show when={mayManage()} fallback={<p class="text-muted">Owners may change these.</p>}>
          <div class="flex items-center justify-end gap-3">
            <span class="text-ok" role="status">
              {saved() ? "Saved." : ""}
            </span>
            <button type="submit" class="btn btn-primary" disabled={save.pending() || !changed()}>
              {save.pending() ? "Saving…" : "Save"}
            </button>
          </div>
        </Show>
      </form>
    </Section>
  );
}
