import page from '../forms/page.module.css'
import { useRef, useState } from 'react'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { changeField, changeList, type DraftField, emptyField, hasChildren, maxDepth, moved, type Path } from './draft'
import styles from './documents.module.css'
import { FieldRow } from './FieldRow'
import type { Place } from './place'

interface Props {
  fields: DraftField[]
  wrong: Place | null
  sentence: string
  onChange: (fields: DraftField[]) => void
}

/** FieldTree edits fields at any depth. Where a field was moved to is said to those who can't see it. */
export function FieldTree({ fields, wrong, sentence, onChange }: Props) {
  const { t } = useText()
  const [said, setSaid] = useState('')
  const tree = useRef<HTMLDivElement>(null)
  const focusOn = (selector: string) => requestAnimationFrame(() => tree.current?.querySelector<HTMLElement>(selector)?.focus())

  const add = (parent: Path) => {
    const field = emptyField()
    onChange(changeList(fields, parent, (list) => [...list, field]))
    focusOn(`[data-uid="${field.uid}"] input`)
  }
  const remove = (parent: Path, i: number) => {
    onChange(changeList(fields, parent, (list) => list.filter((_, at) => at !== i)))
    focusOn(`[data-add="${parent.join('.')}"]`)
  }
  const move = (parent: Path, list: DraftField[], from: number, to: number) => {
    onChange(changeList(fields, parent, (all) => moved(all, from, to)))
    setSaid(t('documents.moved', { key: list[from]?.key ?? '', place: to + 1, count: list.length }))
  }

  const renderList = (list: DraftField[], parent: Path, owner: string) => (
    <div className={parent.length === 0 ? styles.fields : `${styles.fields} ${styles.nested}`}>
      {list.map((field, i) => (
        <FieldRow
          key={field.uid}
          field={field}
          place={{ index: i, count: list.length, parent: parent.join('.') }}
          wrong={wrong?.uid === field.uid ? wrong.input : null}
          sentence={sentence}
          mayNest={parent.length + 1 < maxDepth}
          onChange={(changed) => onChange(changeField(fields, [...parent, i], () => changed))}
          onMove={(from, to) => move(parent, list, from, to)}
          onRemove={() => remove(parent, i)}
        >
          {hasChildren(field.type) && renderList(field.children, [...parent, i], field.key)}
        </FieldRow>
      ))}
      <Button onClick={() => add(parent)} data-add={parent.join('.')}>
        {parent.length === 0 ? t('documents.addField') : t('documents.addNested', { key: owner || t('documents.unnamed') })}
      </Button>
    </div>
  )
  return (
    <div ref={tree}>
      {renderList(fields, [], '')}
      <p className={page.hidden} role="status">
        {said}
      </p>
    </div>
  )
}
