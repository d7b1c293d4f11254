/**
 * Limits how many lists are received and worked off at once. Each holds a database connection from its first byte to its last change,
 * and a sender may be as slow as it likes: without a limit a handful of slow senders would leave no connection for the rest of the service.
 */

/** Gives a place back; further calls do nothing. */
export type Leave = () => void;

interface Waiting {
  readonly tenant: string | undefined;
  readonly enter: (leave: Leave | undefined) => void;
}

export class Places {
  readonly #limit: number;
  readonly #held = new Map<string | undefined, number>();
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get areFree(): boolean {
    return this.#taken < this.#limit;
  }

  /**
   * Places are given in the order of asking; one tenant cannot take the last one.
   * @param tenant undefined for work without a tenant, such as lists that are taken up again
   * @returns undefined where no place came free in time
   */
  take(tenant: string | undefined, until: AbortSignal): Promise<Leave | undefined> {
    if (until.aborted) return Promise.resolve(undefined);
    if (this.#isFreeFor(tenant)) return Promise.resolve(this.#enter(tenant));
    return new Promise((resolve) => {
      const waiting = {
        tenant,
        enter: (leave: Leave | undefined) => {
          until.removeEventListener('abort', giveUp);
          resolve(leave);
        },
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        resolve(undefined);
      };
      until.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #isFreeFor(tenant: string | undefined): boolean {
    const ofTenant = tenant === undefined ? 0 : (this.#held.get(tenant) ?? 0);
    return this.areFree && ofTenant < Math.max(1, this.#limit - 1);
  }

  #enter(tenant: string | undefined): Leave {
    this.#taken += 1;
    this.#held.set(tenant, (this.#held.get(tenant) ?? 0) + 1);
    let isHere = true;
    return () => {
      if (!isHere) return;
      isHere = false;
      this.#taken -= 1;
      const left = (this.#held.get(tenant) ?? 1) - 1;
      if (left > 0) this.#held.set(tenant, left);
      else this.#held.delete(tenant);
      this.#letIn();
    };
  }

  #letIn(): void {
    const next = this.#waiting.findIndex(({ tenant }) => this.#isFreeFor(tenant));
    const [waiting] = next < 0 ? [] : this.#waiting.splice(next, 1);
    waiting?.enter(this.#enter(waiting.tenant));
  }
}
