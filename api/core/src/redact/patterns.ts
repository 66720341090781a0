/** What a secret is replaced by, everywhere. */
export const REDACTED = "[redacted]";

/** Three characters that every match holds, in small letters, and how many characters of the match stand before them. */
type Anchor = readonly [word: string, lead: number];

export interface Pattern {
  /** A text is searched for all anchors at once; only where one lies the expression is tried. */
  readonly anchors: readonly Anchor[];
  /** Sticky. Every repetition is bounded, so that no text makes it slow. What its first group holds stays. */
  readonly expression: RegExp;
  /** More characters than a match ever has. */
  readonly reach: number;
}

/** Of a pattern that begins with the word. */
function first(word: string): Anchor {
  return [word, 0];
}

/** Secrets that are told by their form. */
export const PATTERNS: readonly Pattern[] = [
  {
    anchors: [["-be", 4]],
    expression:
      /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]{1,12000}?(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/y,
    reach: 12_200,
  },
  // GitHub, GitLab
  {
    anchors: [
      ["ghp", 0],
      ["gho", 0],
      ["ghu", 0],
      ["ghs", 0],
      ["ghr", 0],
    ],
    expression: /gh[pousr]_[A-Za-z0-9]{30,255}/y,
    reach: 300,
  },
  { anchors: [["hub", 3]], expression: /github_pat_[A-Za-z0-9_]{22,255}/y, reach: 300 },
  { anchors: [["glp", 0]], expression: /glpat-[\w-]{20,100}/y, reach: 150 },
  // AWS: the id of a key names it, the secret half is caught as an assignment or by its neighbour
  {
    anchors: [
      ["aki", 0],
      ["asi", 0],
    ],
    expression: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/y,
    reach: 50,
  },
  {
    anchors: [
      ["aws", 0],
      ["sec", 0],
    ],
    expression:
      /((?:aws_?secret_?(?:access_?)?key|secretaccesskey)\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?)[A-Za-z0-9/+]{40}/iy,
    reach: 100,
  },
  // OpenAI and Anthropic
  {
    anchors: [["sk-", 0]],
    expression: /\bsk-(?:proj-|svcacct-|admin-|ant-)?[A-Za-z0-9][\w-]{18,250}/y,
    reach: 300,
  },
  { anchors: [["xox", 0]], expression: /\bxox[abeoprs]-[A-Za-z0-9-]{10,250}/y, reach: 300 },
  {
    anchors: [
      ["ks.", 3],
      ["sco", 2],
    ],
    expression:
      /(?:hooks\.slack\.com\/(?:services|workflows)|discord(?:app)?\.com\/api\/webhooks)\/[\w/-]{20,120}/y,
    reach: 170,
  },
  // What many others put before theirs; behind it stands something with a digit in it.
  {
    anchors: [
      ...["hvs", "hvb", "hvr", "gsk", "xai", "glr", "gld", "glf", "gls", "xap"].map(first),
      ...["shp", "r8_", "nra", "snt", "sq0", "psc", "sbp", "tsk", "ntn"].map(first),
      ["spx", 3],
      ["a29", 1],
      ["ypi", 1],
      ["_v1", 3],
      ["ckr", 1],
      ["n_a", 2],
      ["tt3", 3],
      ["e-s", 2],
      ["plx", 1],
      ["byg", 2],
    ],
    expression:
      /\b(?:hv[sbr]\.|gsk_|xai-|gl(?:rt|dt|ft|sa)[-_]|xapp-|shp(?:at|ca|ss|pa)_|r8_|NRAK-|sntry[su]_|sq0(?:csp|atp)-|pscale_[a-z]{2,5}_|sbp_|tskey-[a-z]{3,6}-|ntn_|GOCSPX-|ya29\.|pypi-|do[opr]_v1_|dckr_[po]at_|lin_api_|AT[AC]TT3|AGE-SECRET-KEY-|pplx-|rubygems_)(?=[\w-]{0,200}[0-9])[\w-]{20,400}/y,
    reach: 500,
  },
  { anchors: [["sg.", 0]], expression: /\bSG\.[\w-]{16,32}\.[\w-]{16,64}/y, reach: 120 },
  {
    anchors: [
      ["dap", 0],
      ["ey-", 1],
    ],
    expression: /\b(?:dapi|key-)[0-9a-f]{32}\b/y,
    reach: 50,
  },
  {
    anchors: [
      [":aa", 8],
      [":aa", 9],
      [":aa", 10],
    ],
    expression: /\b[0-9]{8,10}:AA[\w-]{33}\b/y,
    reach: 60,
  },
  // Azure
  {
    anchors: [
      ["ntk", 5],
      ["sig", 1],
    ],
    expression: /((?:AccountKey|[?&]sig)=)[A-Za-z0-9%+/]{40,120}={0,2}/y,
    reach: 150,
  },
  {
    anchors: [
      ["pm_", 1],
      ["hf_", 0],
    ],
    expression: /\b(?:npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{34})\b/y,
    reach: 50,
  },
  { anchors: [["aiz", 0]], expression: /AIza[\w-]{35}/y, reach: 50 },
  {
    anchors: [
      ["k_l", 1],
      ["k_t", 1],
    ],
    expression: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,250}/y,
    reach: 300,
  },
  { anchors: [["whs", 0]], expression: /whsec_[A-Za-z0-9+/=_-]{24,100}/y, reach: 150 },
  {
    anchors: [["eyj", 0]],
    expression: /\beyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{8,2000}/y,
    reach: 8_100,
  },
  // Ours
  {
    anchors: [["slk", 0]],
    expression: /slk_[0-9a-z]{26}_[0-9A-Za-z]{20,60}(?:_[0-9A-Za-z]{1,6})?/y,
    reach: 150,
  },
  {
    anchors: [
      ["rft", 0],
      ["dev", 0],
      ["pwr", 0],
      ["inv", 0],
      ["sss", 0],
    ],
    expression: /\b((?:rft|dev|pwr|inv|sss)_)[0-9a-z]{26}\.[\w-]{30,60}/y,
    reach: 150,
  },
  // scheme://user:password@host
  {
    anchors: [["://", 0]],
    expression: /(:\/\/[^\s:@/"'<>\\]{0,100}:)[^\s@/"'<>\\]{1,200}(?=@)/y,
    reach: 350,
  },
  {
    anchors: [
      ["rer", 3],
      ["sic", 2],
    ],
    expression: /\b((?:[Bb]earer|[Bb]asic)\s{1,3})[\w.~+/-]{16,2000}={0,2}/y,
    reach: 2_100,
  },
  {
    anchors: [["zat", 7]],
    expression: /(authorization\\?["']?:\s{0,3}\\?["']?(?:token|api-?key|key)\s{1,3})[\w.~+/=-]{16,500}/iy,
    reach: 600,
  },
  // A header of cookies, all of them.
  {
    anchors: [["kie", 3]],
    expression: /(\bcookie:\s{0,3})(?=[\w.-]{1,60}=[^\s;"'\\]{12})[^\r\n"'\\]{13,4000}/iy,
    reach: 4_100,
  },
  // curl, .netrc
  {
    anchors: [[" -u", 0]],
    expression:
      /(\s-u\s{1,2}["']?[^\s:"']{1,64}:)(?=[^\s"']{0,60}[A-Za-z])(?=[^\s"']{0,60}[0-9])[^\s"']{6,100}/y,
    reach: 200,
  },
  {
    anchors: [["ogi", 1]],
    expression: /(\blogin\s{1,3}[^\s]{1,100}\s{1,3}password\s{1,3})[^\s]{4,200}/y,
    reach: 350,
  },
  {
    anchors: [
      ["ssw", 2],
      ["pwd", 0],
    ],
    // Without a quote there is no room around the sign: `password = read()` is a program.
    expression:
      /((?:password|passwd|pwd)\\?["']?(?:=|\s{0,3}=\s{0,3}\\?["']))(?![$<{["'\\])[^\s"'\\,;&<>(){}]{4,200}/iy,
    reach: 250,
  },
  {
    anchors: [["ssw", 2]],
    expression: /((?:password|passwd)\\?["']\s{0,3}:\s{0,3}\\?["'])[^"'\\\s]{4,200}/iy,
    reach: 250,
  },
  {
    anchors: [["ssw", 2]],
    // As YAML has it; a type or a call in its place has no digit.
    expression:
      /((?:password|passwd):\s{1,3})(?=[^\s"'\\,;&<>(){}$]{0,100}[0-9])[^\s"'\\,;&<>(){}$]{10,200}/iy,
    reach: 250,
  },
  // Names that say so, with a value that is no word: it has a digit.
  {
    anchors: [
      ["sec", 0],
      ["tok", 0],
      ["key", 0],
    ],
    expression:
      /((?:secret(?:_?key)?(?:_base)?|token|(?<=api[_-]?|access[_-]?|private[_-]?)key)\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?)(?=[A-Za-z+/_-]{0,100}[0-9])[\w+/=-]{16,250}/iy,
    reach: 300,
  },
];
