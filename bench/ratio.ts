/** Ratios of paired runs. Machines are shared and noisy: single absolute figures prove nothing. */
export interface Ratio { readonly median: number, readonly min: number, readonly max: number, readonly n: number }

export function ratioOf(values: readonly number[]): Ratio {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median = sorted.length % 2 ? sorted[Math.floor(middle)] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
  return { median: median ?? 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0, n: sorted.length }
}

export const printed = ({ median, min, max, n }: Ratio): string => `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)}, ${n} pairs)`
