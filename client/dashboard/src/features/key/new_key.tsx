import { type JSX, onMount } from "solid-js";
import { Section } from "../../ui/page.tsx";
import { SecretOnce } from "./secret_once.tsx";

/** A key right after it was made; it comes into view wherever on the page it was asked for. */
export function NewKey(props: { secret: string; onDone: () => void; children?: JSX.Element }) {
  let box: HTMLDivElement | undefined;
  onMount(() => box?.scrollIntoView({ block: "nearest" }));
  return (
    <div ref={box}>
      <Section title="Your new key">
        <div class="flex flex-col gap-4 p-4">
          <SecretOnce what="API key" secret={props.secret} onDone={props.onDone} />
          {props.children}
        </div>
      </Section>
    </div>
  );
}
