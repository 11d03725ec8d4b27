/** Each device has one queue: two things never talk over each other on one device (architecture, invariant on jobs). */
export class DeviceQueues {
  readonly #last = new Map<number, Promise<void>>()

  /** Devices in work. */
  get busy(): number { return this.#last.size }

  /** Runs `work` as soon as everything queued before for this device has ended; resolves or rejects as `work` does. */
  run<T>(deviceId: number, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(deviceId)
    const result = before ? before.then(work) : work()
    const end = result.then(() => {}, () => {})
    this.#last.set(deviceId, end)
    void end.then(() => { if (this.#last.get(deviceId) === end) this.#last.delete(deviceId) })
    return result
  }
}
