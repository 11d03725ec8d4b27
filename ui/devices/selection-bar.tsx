/** Below the grid: what can be done with the selected devices. */
import { Icon } from '../parts/icons.tsx'
import { MenuButton } from '../parts/menu.tsx'
import { useWhyNot } from '../session/rights.ts'
import { domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { plural, t } from '../text/text.ts'
import type { ManyAction } from './many-actions.tsx'

interface SelectionBarProps {
  readonly count: number
  readonly total: number
  /** Some of them wait for a domain. */
  readonly canAdd: boolean
  /** All of them belong to a domain already. */
  readonly canMove: boolean
  onAll(): void
  onAct(action: ManyAction): void
  onClear(): void
}

export const SelectionBar = ({ count, total, canAdd, canMove, onAll, onAct, onClear }: SelectionBarProps) => {
  const title = useWhyNot('operate')
  const not = title !== undefined
  const noUrl = useWhyNot('manage')
  const several = useCell(domains).length > 1
  return (
    <div class="selbar" role="region" aria-label={t('selection.label')}>
      <strong>{plural('selection.selected', count)}</strong>
      {count < total && <button type="button" class="link" onClick={onAll}>{t('selection.all', total)}</button>}
      <div class="btns">
        {canAdd && <button type="button" class="btn" disabled={not} title={title} onClick={() => onAct('add')}><Icon name="plus" />{t('assign.button')}</button>}
        {canMove && several && <button type="button" class="btn" disabled={not} title={title} onClick={() => onAct('move')}><Icon name="domain" />{t('move.button')}</button>}
        {canMove && <button type="button" class="btn" disabled={not} title={title} onClick={() => onAct('categories')}><Icon name="tag" />{t('column.categories')}</button>}
        {canMove && <button type="button" class="btn" disabled={not} title={title} onClick={() => onAct('restart')}><Icon name="restart" />{t('restart.button')}</button>}
        {canMove && <button type="button" class="btn danger" disabled={not} title={title} onClick={() => onAct('delete')}><Icon name="trash" />{t('delete.button')}</button>}
        {canMove && <MenuButton class="btn icon" label={t('selection.more')} items={[{ label: t('selection.url'), disabled: noUrl !== undefined, title: noUrl, run: () => onAct('url') }]}><Icon name="more" /></MenuButton>}
      </div>
      <button type="button" class="btn icon ghost clear" aria-label={t('selection.clear')} title={t('selection.clear')} onClick={onClear}><Icon name="close" /></button>
    </div>
  )
}
