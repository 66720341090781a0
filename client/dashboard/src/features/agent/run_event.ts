/** What the log needs of an event; the generated types fit. */
export type RunEvent =
  | {
      __typename: "AgentStatusChanged";
      seq: number;
      at: string;
      status: string;
      errorMessage?: string | null;
      attempt: number;
    }
  | {
      __typename: "AgentTextDelta";
      seq: number;
      at: string;
      messageId: string;
      text: string;
      /** Set by this page: a part of the event, and not its last. */
      more?: boolean;
    }
  | {
      __typename: "AgentMessage";
      seq: number;
      at: string;
      messageId: string;
      role: string;
      text: string;
      parentCallId?: string | null;
      /** Seq of its first piece, which may be gone; null without pieces. */
      fromSeq: number | null;
      truncated: boolean;
      contentId?: string | null;
    }
  | {
      __typename: "AgentToolCallStarted";
      seq: number;
      at: string;
      callId: string;
      parentCallId?: string | null;
      tool: string;
      arguments?: unknown;
      truncated: boolean;
      contentId?: string | null;
    }
  | {
      __typename: "AgentToolCallFinished";
      seq: number;
      at: string;
      callId: string;
      ok: boolean;
      result?: unknown;
      durationMs?: number | null;
      truncated: boolean;
      contentId?: string | null;
    }
  | ({
      __typename: "AgentUsage";
      seq: number;
      at: string;
      model?: string | null;
      cost?: string | null;
    } & Tokens<string>);

export interface Tokens<T> {
  inputTokens: T;
  cacheReadTokens: T;
  outputTokens: T;
}
