import { CopyBlock, CopyButton } from "../../ui/copy.tsx";
import { Icon } from "../../ui/icons.tsx";

/** A secret right after it was made: the only time that it is shown. */
export function SecretOnce(props: { what: string; secret: string; onDone: () => void }) {
  return (
    <div class="flex flex-col gap-2 rounded-md border border-wait/50 bg-wait-soft p-3">
      <p class="flex items-start gap-2">
        <Icon name="key" class="mt-0.5 text-wait" />
        <span>
          <strong class="font-semibold">Copy the {props.what} now.</strong> It is shown this once and cannot
          be read again.
        </span>
      </p>
      <CopyBlock value={props.secret} label={`Copy the ${props.what}`} />
      <div class="flex flex-wrap justify-end gap-2">
        <CopyButton value={props.secret} label={`Copy the ${props.what}`} text="Copy" class="btn-primary" />
        <button type="button" class="btn" onClick={props.onDone}>
          I have stored it
        </button>
      </div>
    </div>
  );
}
