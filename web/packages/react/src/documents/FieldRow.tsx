import { type DragEvent, type ReactNode, useId } from 'react'
import { IconButton, Sign } from '../forms/IconButton'
import page from '../forms/page.module.css'
import { SelectField } from '../forms/SelectField'
import { TextField } from '../forms/TextField'
import { useText } from '../provider'
import styles from './documents.module.css'
import { type DraftField, type FieldType, fieldTypes, hasChildren } from './draft'
import type { Place } from './place'

interface Props {
  field: DraftField
  place: { index: number; count: number; parent: string }
  wrong: Place['input'] | null
  sentence: string
  mayNest: boolean
  onChange: (field: DraftField) => void
  onMove: (from: number, to: number) => void
  onRemove: () => void
  children: ReactNode
}

const dragType = 'application/x-extractor-field'

/** FieldRow edits a field; it is moved by its buttons, or dragged within its list. */
export function FieldRow({ field, place, wrong, sentence, mayNest, onChange, onMove, onRemove, children }: Props) {
  const { t } = useText()
  const id = useId()
  const key = field.key || t('documents.unnamed')
  const types = fieldTypes.filter((type) => mayNest || !hasChildren(type) || type === field.type)
  const childless = wrong === 'children' && field.children.length === 0
  const errorOf = (input: Place['input']) => (wrong === input ? sentence : undefined)

  const drag = (event: DragEvent) => {
    event.dataTransfer.setData(dragType, JSON.stringify([place.parent, place.index]))
    event.dataTransfer.effectAllowed = 'move'
  }
  const drop = (event: DragEvent) => {
    const given = event.dataTransfer.getData(dragType)
    if (given === '') return
    event.preventDefault()
    event.stopPropagation()
    const [parent, from] = JSON.parse(given) as [string, number]
    if (parent === place.parent && from !== place.index) onMove(from, place.index)
  }
  return (
    <fieldset
      className={styles.field}
      data-uid={field.uid}
      onDragOver={(event) => event.dataTransfer.types.includes(dragType) && event.preventDefault()}
      onDrop={drop}
      aria-describedby={childless ? id : undefined}
    >
      <legend className={page.hidden}>{t('documents.fieldName', { key })}</legend>
      <div className={styles.head}>
        <span className={styles.handle} draggable onDragStart={drag} title={t('documents.drag', { key })}>
          <Sign icon="drag" />
        </span>
        <div className={page.icons}>
          <IconButton
            icon="up"
            label={t('documents.up', { key })}
            disabled={place.index === 0}
            onClick={() => onMove(place.index, place.index - 1)}
          />
          <IconButton
            icon="down"
            label={t('documents.down', { key })}
            disabled={place.index === place.count - 1}
            onClick={() => onMove(place.index, place.index + 1)}
          />
          <IconButton icon="delete" label={t('documents.remove', { key })} onClick={onRemove} />
        </div>
      </div>
      <div className={styles.inputs}>
        <TextField
          label={t('documents.key')}
          value={field.key}
          error={errorOf('key')}
          onChange={(value) => onChange({ ...field, key: value })}
        />
        <SelectField
          label={t('documents.type')}
          value={field.type}
          error={errorOf('type')}
          dir="ltr"
          options={types.map((type) => ({ value: type, label: type }))}
          onChange={(type) => onChange({ ...field, type: type as FieldType })}
        />
        <TextField
          label={t('documents.fieldDescription')}
          value={field.description}
          error={errorOf('description')}
          onChange={(description) => onChange({ ...field, description })}
        />
      </div>
      {childless && (
        <p id={id} role="alert" className={styles.error}>
          {sentence}
        </p>
      )}
      {children}
    </fieldset>
  )
}
