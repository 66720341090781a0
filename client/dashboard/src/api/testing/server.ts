import { createRoot } from "solid-js";
import { expect, onTestFinished, vi } from "vitest";

interface Question {
  readonly variables: Readonly<Record<string, unknown>>;
  given: "up" | "answer" | "lost" | null;
  answer(data: object): void;
  /** The network takes it. */
  lose(): void;
}

/** The server as a test plays it: it answers when the test does. */
export function playServer() {
  const questions: Question[] = [];
  vi.stubGlobal("fetch", (_url: string, { body, signal }: RequestInit) => {
    return new Promise<Response>((resolve, reject) => {
      const question: Question = {
        variables: JSON.parse(String(body)).variables,
        given: null,
        answer: (data) => {
          question.given = "answer";
          resolve(
            new Response(JSON.stringify({ data }), { headers: { "content-type": "application/json" } }),
          );
        },
        lose: () => {
          question.given = "lost";
          reject(new TypeError("Failed to fetch"));
        },
      };
      questions.push(question);
      signal?.addEventListener("abort", () => {
        question.given ??= "up";
        reject(signal.reason);
      });
    });
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return {
    questions,
    /** The question of that number, from 0, once it was asked. */
    asked: async (nth: number): Promise<Question> => {
      await expect.poll(() => questions.length).toBeGreaterThan(nth);
      return questions[nth] as Question;
    },
  };
}

/** What a page creates, until the test is over. */
export function onPage<T>(create: () => T): T {
  return createRoot((dispose) => {
    onTestFinished(dispose);
    return create();
  });
}
