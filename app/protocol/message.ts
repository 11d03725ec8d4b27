/**
 * One entry per wire message (architecture, invariant 2). Types, validation with bounds, the log printer and docs/api.md
 * come from these entries. This folder has no Node import: `ui/` shares its types.
 */
import type { z } from 'zod'

/**
 * What a session needs before a request is even looked at. `read`, `operate`, `manage`: role of the App object (read, operate,
 * full); `admin`: `manage`, and access to all domains. `proof`: any login, also that of the PBX Manager plugin.
 */
export type Needs = 'nothing' | 'proof' | 'login' | 'read' | 'operate' | 'manage' | 'admin'

export interface RequestEntry<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly kind: 'request'
  readonly mt: string
  readonly result: string
  readonly needs: Needs
  readonly params: P
  readonly reply: R
  readonly doc: string
  /** Where the rule comes from: document and chapter, or `ours`. */
  readonly source: string
  /** Fields never printed. */
  readonly secret: readonly string[]
  /** Fields of the request that its refusal carries as well. */
  readonly echo: readonly string[]
}

export interface IndicationEntry<R extends z.ZodType = z.ZodType> {
  readonly kind: 'indication'
  readonly mt: string
  readonly body: R
  readonly doc: string
  readonly source: string
}

interface RequestOptions<P extends z.ZodType, R extends z.ZodType> {
  needs: Needs, params: P, reply: R, doc: string, source: string, result?: string, secret?: readonly string[], echo?: readonly string[]
}

export const request = <P extends z.ZodType, R extends z.ZodType>(mt: string, options: RequestOptions<P, R>): RequestEntry<P, R> =>
  ({ kind: 'request', mt, result: options.result ?? mt + 'Result', needs: options.needs, params: options.params, reply: options.reply, doc: options.doc, source: options.source, secret: options.secret ?? [], echo: options.echo ?? [] })

export const indication = <R extends z.ZodType>(mt: string, body: R, doc: string, source: string): IndicationEntry<R> =>
  ({ kind: 'indication', mt, body, doc, source })

export type Params<E> = E extends RequestEntry<infer P, z.ZodType> ? z.infer<P> : never
export type Reply<E> = E extends RequestEntry<z.ZodType, infer R> ? z.input<R> : never
export type Body<E> = E extends IndicationEntry<infer R> ? z.input<R> : never
