/** What a JSON text from outside may hold at most, whatever its size: parsed, a small text can become very large. */
export const JSON_LIMITS = { depth: 64, keys: 50_000, values: 500_000 } as const;

const QUOTE = 34;
const BACKSLASH = 92;

/** Which limit a JSON text breaks; null: none. Reads it once and builds nothing; that it is JSON at all is not said. */
export function jsonExcess(text: string): keyof typeof JSON_LIMITS | null {
  let depth = 0;
  let keys = 0;
  let values = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) quoted = false;
      continue;
    }
    switch (code) {
      case QUOTE:
        quoted = true;
        break;
      case 123: // {
      case 91: // [
        if (++depth > JSON_LIMITS.depth) return "depth";
        break;
      case 125: // }
      case 93: // ]
        depth--;
        break;
      case 58: // :
        if (++keys > JSON_LIMITS.keys) return "keys";
        break;
      case 44: // ,
        if (++values >= JSON_LIMITS.values) return "values";
        break;
    }
  }
  return null;
}
