/** Browser storage that may be blocked (private windows, third-party frames): then nothing is kept, and nothing fails. */
export interface Keep { get(key: string): string | undefined, set(key: string, value: string | undefined): void }

const keep = (storage: () => Storage): Keep => ({
  get: key => {
    try {
      return storage().getItem(key) ?? undefined
    } catch {
      return undefined
    }
  },
  set: (key, value) => {
    try {
      if (value === undefined) storage().removeItem(key)
      else storage().setItem(key, value)
    } catch { /* the choice lasts for this page only */ }
  },
})

/** Lives as long as the browser tab: sign-in. */
export const tabStorage = keep(() => sessionStorage)
/** Lives in this browser: language, scheme, the domain used last. */
export const browserStorage = keep(() => localStorage)
