/**
 * Where codes are announced so that a device can turn one into the registration URL (features 5.2). The vendor's online service has
 * no public interface; whoever has another one implements this. Without one, devices learn the URL by other means (features 5.3, 5.4).
 */
export interface CodeDirectory {
  /** Resolves when devices can find `url` under the code, until `validUntil` (ms since 1970 UTC). A rejection refuses the new code. */
  announce(code: string, url: string, validUntil: number): Promise<void>
  /** The code was used, deleted or has expired. */
  withdraw(code: string): Promise<void>
}

/** Nothing to announce: the code is good for devices that know the URL already. */
export const localDirectory: CodeDirectory = { announce: async () => {}, withdraw: async () => {} }
