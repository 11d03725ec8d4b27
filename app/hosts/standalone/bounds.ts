/** The bounds of this host: those of the table, or others in tests. */
import { LIMITS } from '../../limits.ts'

type Name = 'connections' | 'connectionsPerAddress' | 'uploadIdle' | 'downloadIdle' | 'drainOnStop' | 'peerIdleSeconds' | 'peerBuffered' | 'sysclientFrame' | 'appFrame'

export type HostBounds = Readonly<Record<Name, number>>

export function hostBounds(others: Partial<HostBounds> = {}): HostBounds {
  const bound = (name: Name): number => others[name] ?? LIMITS[name].value
  return {
    connections: bound('connections'), connectionsPerAddress: bound('connectionsPerAddress'),
    uploadIdle: bound('uploadIdle'), downloadIdle: bound('downloadIdle'), drainOnStop: bound('drainOnStop'),
    peerIdleSeconds: bound('peerIdleSeconds'), peerBuffered: bound('peerBuffered'),
    sysclientFrame: bound('sysclientFrame'), appFrame: bound('appFrame'),
  }
}
