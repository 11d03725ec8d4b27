/** The questions before an App object is deleted or gets another password (wire-protocols 7.2). */
import { Dialog } from './dialog.ts'
import { saying } from './elements.ts'
import { nameOf, type PageContext } from './page-context.ts'
import { passwordPart } from './password-part.ts'
import type { AppObject } from './pbx.ts'
import { gives, readTemplates, writeTemplates, type TemplateState } from './template-rights.ts'

export function openDeleteDialog(context: PageContext, object: AppObject): void {
  const { objects, pbx } = context
  const name = nameOf(object)
  new Dialog({
    title: 'delete.title', titleValue: name, danger: true, action: 'action.delete', busy: 'deleting',
    body: [saying('p', {}, object.kind === 'ui' ? 'delete.ui' : 'delete.api'), saying('p', {}, 'delete.templates')],
    run: async dialog => {
      // Read before: what cannot be read must not keep anybody from deleting.
      const states: TemplateState[] = await readTemplates(pbx).catch(() => [])
      await objects.remove(object)
      context.settled()
      const failed = await writeTemplates(pbx, states.filter(state => gives(state, object.sip)), { former: object.sip, sip: object.sip, wanted: () => false })
      dialog.element.addEventListener('close', () => context.focusKind(object.kind))
      if (failed.length > 0) context.warn('delete.templatesFailed', name, failed.map(one => one.name).join(', '))
      else context.done('deleted', name)
      return true
    },
  }).open(context.root)
}

export function openRepairDialog(context: PageContext, object: AppObject): void {
  const { objects } = context
  const name = nameOf(object)
  const password = passwordPart(objects, 'repair', object)
  const question = new Dialog({
    title: 'repair.title', titleValue: name, action: 'action.repair', busy: 'repairing',
    body: [password.element],
    run: async dialog => {
      const repaired = await password.write(async source => {
        await objects.repair(object, source)
        return true
      })
      if (!repaired) return false
      dialog.element.addEventListener('close', () => context.focusKind(object.kind))
      context.done('repaired', name)
      context.settled()
      return true
    },
  })
  question.open(context.root)
  question.wait(true)
  void password.read().then(known => question.wait(!known))
}
