/** What a stand-in answers: a status and at most one of `json` and `html`. */
export type Answer = { status: number; headers?: Record<string, string>; json?: unknown; html?: string };

/** Thrown by the work behind an endpoint when the platform would refuse the call. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}: ${JSON.stringify(answer.json ?? answer.html ?? "")}`);
    this.answer = answer;
  }
}
