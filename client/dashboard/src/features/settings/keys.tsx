import { createSignal, Show } from "solid-js";
import { Section } from "../../ui/page.tsx";
import { CreateKey } from "../key/create_key.tsx";
import { CurlExample } from "../key/curl_example.tsx";
import { KeyList } from "../key/key_list.tsx";
import { NewKey } from "../key/new_key.tsx";
import type { TabProps } from "./page.tsx";

export function Keys(props: TabProps) {
  const [secret, setSecret] = createSignal<string>();
  const made = (value: string) => {
    setSecret(value);
    props.changed();
  };
  return (
    <>
      <Show when={secret()}>
        {(one) => (
          <NewKey secret={one()} onDone={() => setSecret(undefined)}>
            <CurlExample projectId={props.project.id} secret={one()} />
          </NewKey>
        )}
      </Show>
      <KeyList
        keys={props.project.apiKeys ?? []}
        none="None yet. An agent, a CI job or a script needs one to send and to read; create it below."
        changed={props.changed}
        onSecret={made}
      />
      <CreateKey projectId={props.project.id} onSecret={made} />
      <Show when={!secret()}>
        <Section title="Stream a run of your own agent">
          <div class="p-4">
            <CurlExample projectId={props.project.id} />
          </div>
        </Section>
      </Show>
    </>
  );
}
