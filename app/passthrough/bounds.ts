import { LIMITS } from '../limits.ts'

/** The bounds of tunnels as plain numbers, so that a test can use smaller ones. */
export interface TunnelBounds {
  tunnelFrameOut: number, tunnelsPerDevice: number, tunnels: number, tunnelReceive: number, tunnelReceiveMost: number, tunnelSend: number, tunnelBuffer: number
  tunnelSilence: number, tunnelStall: number, tunnelRepeatReceive: number, tunnelShutdown: number, tunnelsClosing: number
  tunnelHead: number, tunnelledHead: number, tunnelMessage: number, cookiesPerDevice: number, cookieSize: number, cookieJars: number, peerBuffered: number
}

/** The bounds of `LIMITS`, with the given ones replaced. */
export const tunnelBounds = (replaced: Partial<TunnelBounds> = {}): TunnelBounds => ({
  tunnelFrameOut: LIMITS.tunnelFrameOut.value, tunnelsPerDevice: LIMITS.tunnelsPerDevice.value, tunnels: LIMITS.tunnels.value,
  tunnelReceive: LIMITS.tunnelReceive.value,
  tunnelReceiveMost: LIMITS.tunnelReceiveMost.value, tunnelSend: LIMITS.tunnelSend.value, tunnelBuffer: LIMITS.tunnelBuffer.value,
  tunnelSilence: LIMITS.tunnelSilence.value, tunnelStall: LIMITS.tunnelStall.value,
  tunnelRepeatReceive: LIMITS.tunnelRepeatReceive.value, tunnelShutdown: LIMITS.tunnelShutdown.value,
  tunnelsClosing: LIMITS.tunnelsClosing.value, tunnelHead: LIMITS.tunnelHead.value, tunnelledHead: LIMITS.tunnelledHead.value,
  tunnelMessage: LIMITS.tunnelMessage.value, cookiesPerDevice: LIMITS.cookiesPerDevice.value, cookieSize: LIMITS.cookieSize.value,
  cookieJars: LIMITS.cookieJars.value,
  peerBuffered: LIMITS.peerBuffered.value,
  ...replaced,
})
