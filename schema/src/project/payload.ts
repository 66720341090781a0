interface Stored {
  readonly contentType: string;
  readonly payload: { readonly body: Uint8Array } | null;
}

interface Payload {
  readonly json: unknown;
  readonly text: string | null;
}

function parsed(text: string): Payload | null {
  try {
    return { json: JSON.parse(text), text: null };
  } catch {
    return null;
  }
}

/** A stored body for people: parsed where it is JSON, by itself or as the `payload` of a form. */
export function payloadOf({ contentType, payload }: Stored): Payload {
  if (!payload) return { json: null, text: null };
  const text = Buffer.from(payload.body).toString("utf8");
  const form = contentType.includes("x-www-form-urlencoded")
    ? new URLSearchParams(text).get("payload")
    : null;
  return parsed(form ?? text) ?? { json: null, text };
}
