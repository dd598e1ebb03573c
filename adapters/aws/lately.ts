import type { Clock } from '../../core/ports';

/** An answer, asked for again only once it is older than that; what failed is asked again at once. */
export class Lately<Answer> {
  private last: { readonly atMs: number; readonly answer: Promise<Answer> } | null = null;

  constructor(
    private readonly ms: number,
    private readonly clock: Clock,
    private readonly question: () => Promise<Answer>,
  ) {}

  ask(): Promise<Answer> {
    const nowMs = this.clock.now().getTime();
    if (this.last && nowMs - this.last.atMs < this.ms) return this.last.answer;
    const answer = this.question();
    this.last = { atMs: nowMs, answer };
    answer.catch(() => {
      if (this.last?.answer === answer) this.forget();
    });
    return answer;
  }

  forget(): void {
    this.last = null;
  }
}
