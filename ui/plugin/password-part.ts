/** The part of a form that says where the password of an App object comes from, and asks for one that nobody else can set. */
import type { AppObjects, PasswordSource, Purpose } from './app-objects.ts'
import { icon, make, saying } from './elements.ts'
import { faultOf } from './fault.ts'
import { detail, sayFault } from './fault-text.ts'
import { passwordField, type Field } from './field.ts'
import { nameOf } from './page-context.ts'
import type { AppObject } from './pbx.ts'

export interface PasswordPart {
  readonly element: HTMLElement
  /** Finds out. False: that was not possible, and it says why. */
  read(): Promise<boolean>
  /** Has an object written. Undefined: the password is to be entered first, and it says so. */
  write<T>(how: (source: PasswordSource) => Promise<T>): Promise<T | undefined>
}

export function passwordPart(objects: AppObjects, purpose: Purpose, object?: AppObject): PasswordPart {
  const element = make('div', { class: 'idm-password' }, make('p', { class: 'idm-status', role: 'status' }, icon('run'), saying('span', {}, 'password.wait')))
  let source: PasswordSource = { from: 'kept' }
  let field: Field | undefined

  const words = (): HTMLElement[] => {
    const repairs = purpose === 'repair'
    switch (source.from) {
      case 'kept': return [saying('p', { class: 'idm-hint' }, 'form.passwordKept')]
      case 'object': {
        const right = repairs && objects.password(source.object) === 'right'
        return [saying('p', { class: repairs ? '' : 'idm-hint' }, right ? 'repair.copy' : 'form.passwordCopied', nameOf(source.object))]
      }
      case 'instance': return [saying('p', { class: 'idm-notice' }, repairs ? 'repair.new' : 'form.passwordNew')]
      case 'domain':
        field = passwordField('form.domainPassword', source.domain, 'form.domainPasswordHint')
        return [saying('p', { class: 'idm-notice' }, repairs ? 'repair.domain' : 'form.passwordDomain', source.domain), field.element]
    }
  }

  return {
    element,
    read: async () => {
      try {
        source = await objects.source(purpose, object)
        element.replaceChildren(...words())
        return true
      } catch (cause) {
        element.replaceChildren(sayFault(make('p', { class: 'idm-problem', role: 'alert' }), faultOf(cause)))
        return false
      }
    },
    write: async how => {
      try {
        const written = await how(source.from === 'domain' ? { ...source, given: field?.value ?? '' } : source)
        // What is written once has it: a further try is an edit.
        source = { from: 'kept' }
        return written
      } catch (cause) {
        const fault = faultOf(cause)
        if (fault.code !== 'domainRefused' || !field) throw cause
        field.mark({ id: 'fault.domainRefused', values: [detail(fault)] })
        field.focus()
        return undefined
      }
    },
  }
}
