/** Two administrators changed the same: both values, and the choice. */
import { Icon } from '../parts/icons.tsx'
import type { Field } from './domain-form.ts'
import { fieldValue } from './field-value.ts'
import type { FormState } from './live-form.ts'
import { w } from './words.ts'

export const Conflicts = ({ state, onDecide }: { state: FormState, onDecide(field: Field, mine: boolean): void }) => (
  <section class="panel conflict" aria-labelledby="conflict-head">
    <div class="panel-head"><Icon name="warn" /><h2 id="conflict-head">{w('conflict.title')}</h2></div>
    <div class="panel-body">
      <table class="diff">
        <thead><tr><th scope="col">{w('save.field')}</th><th scope="col">{w('conflict.mine')}</th><th scope="col">{w('conflict.theirs')}</th></tr></thead>
        <tbody>{state.conflicts.map(field => (
          <tr key={field}>
            <td>{w(`form.${field}`)}</td>
            <td><span>{fieldValue(field, state.draft)}</span> <button type="button" class="btn small" onClick={() => onDecide(field, true)}>{w('conflict.keepMine')}</button></td>
            <td><span>{fieldValue(field, state.base)}</span> <button type="button" class="btn small" onClick={() => onDecide(field, false)}>{w('conflict.takeTheirs')}</button></td>
          </tr>
        ))}</tbody>
      </table>
    </div>
  </section>
)
