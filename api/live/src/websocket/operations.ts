import type { SocketOperation } from "./operation.ts";

/** What runs on one socket, by the client's id. Most sockets have one: a map is made for more only. */
export class Operations {
  #only: SocketOperation | null = null;
  #more: Map<string, SocketOperation> | null = null;

  get size(): number {
    return this.#more ? this.#more.size : this.#only ? 1 : 0;
  }

  get(id: string): SocketOperation | undefined {
    if (this.#more) return this.#more.get(id);
    return this.#only?.id === id ? this.#only : undefined;
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** Its id must not be there. */
  add(operation: SocketOperation): void {
    if (!this.#only && !this.#more) {
      this.#only = operation;
      return;
    }
    this.#more ??= new Map(this.#only ? [[this.#only.id, this.#only]] : []);
    this.#only = null;
    this.#more.set(operation.id, operation);
  }

  delete(id: string): void {
    if (this.#only?.id === id) this.#only = null;
    this.#more?.delete(id);
  }

  /** As they are now. */
  all(): readonly SocketOperation[] {
    return this.#more ? [...this.#more.values()] : this.#only ? [this.#only] : [];
  }
}
