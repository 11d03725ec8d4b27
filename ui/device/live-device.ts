/** One device, kept up to date while its page is open. */
import { useEffect, useState } from 'preact/hooks'
import { NotConnected, RequestRefused } from '../connection/errors.ts'
import { isDevicesPageUpdate } from '../connection/messages.ts'
import { connection, onIndication } from '../session/session.ts'
import type { Device } from '../../app/protocol/types.ts'

export type LiveDevice =
  | { readonly at: 'loading' }
  | { readonly at: 'gone' }
  | { readonly at: 'failed', readonly error: unknown }
  | { readonly at: 'here', readonly device: Device }

/** The device is read again at most this often when only "something has changed" is known, in ms. */
const EVERY = 1_000

/** @returns the device and the function that reads it again at once */
export function useLiveDevice(hwId: string): [LiveDevice, () => void] {
  const [state, setState] = useState<LiveDevice>({ at: 'loading' })
  const [reader, setReader] = useState<{ read(): void }>()
  useEffect(() => {
    let gone = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const read = async (): Promise<void> => {
      try {
        const { device } = await connection().request('GetDevice', { hwId })
        if (!gone) setState({ at: 'here', device })
      } catch (error) {
        if (gone || error instanceof NotConnected) return
        setState(error instanceof RequestRefused && error.code === 'notFound' ? { at: 'gone' } : { at: 'failed', error })
      }
    }
    // The watched page of this connection is now the one that holds this device.
    const watch = (): void => {
      if (connection().state.value.at !== 'online') return
      void read()
      connection().request('GetDevicesPage', { offset: 0, limit: 10, search: hwId, recvUpdates: true }).catch(() => undefined)
    }
    const stops = [
      onIndication('DevicesPageUpdate', message => {
        if (!isDevicesPageUpdate(message)) return
        const device = message.devices.find(other => other.hwId === hwId)
        if (device) setState({ at: 'here', device })
        if (!message.stale) return
        timer ??= setTimeout(() => {
          timer = undefined
          watch()
        }, EVERY)
      }),
      connection().state.subscribe(watch),
    ]
    setState({ at: 'loading' })
    setReader({ read: watch })
    watch()
    return () => {
      gone = true
      clearTimeout(timer)
      for (const stop of stops) stop()
    }
  }, [hwId])
  return [state, () => reader?.read()]
}
