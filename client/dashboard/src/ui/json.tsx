import { createMemo } from "solid-js";
import { CopyBlock } from "./copy.tsx";

/** A value as JSON to read and copy. A string that holds JSON (a cut preview) is shown as it came. */
export function JsonView(props: { value: unknown; label: string; tall?: boolean }) {
  const text = createMemo(() =>
    typeof props.value === "string" ? props.value : JSON.stringify(props.value, null, 2),
  );
  return <CopyBlock value={text()} label={`Copy ${props.label}`} tall={props.tall} />;
}
