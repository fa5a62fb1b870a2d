import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Schemas, Template } from '../api/types'
import page from '../forms/page.module.css'
import { refusalOf } from '../forms/refusal'
import { TextField } from '../forms/TextField'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ErrorNotice } from '../ui/States'
import styles from './documents.module.css'
import { type Draft, draftOf, emptyDraft, requestOf } from './draft'
import { FieldTree } from './FieldTree'
import { placeOf } from './place'
import { previewOf } from './preview'
import { useSaveDocument } from './useDocuments'

interface Props {
  document: Template | null
  /** What a new document begins with. */
  suggested?: Schemas['DocumentRequest']
  onSaved: (document: Template) => void
  onCancel: () => void
}

/** DocumentForm writes a template. What is wrong with it the API says, and its sentence is shown at the input. */
export function DocumentForm({ document, suggested, onSaved, onCancel }: Props) {
  const { t } = useText()
  const [draft, setDraft] = useState<Draft>(() => {
    const from = document ?? suggested
    return from ? draftOf(from) : emptyDraft()
  })
  const [sent, setSent] = useState(draft) // an error is about what was sent
  const save = useSaveDocument(document?.id ?? null)
  const sentence = refusalOf(save.error)
  const place = sentence === '' ? null : placeOf(sentence, sent)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (save.error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [save.error])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setSent(draft)
    save.mutate(requestOf(draft), { onSuccess: onSaved })
  }
  const errorOf = (at: 'name' | 'description') => (place === at ? sentence : undefined)
  return (
    <form ref={form} className={styles.split} onSubmit={submit} noValidate>
      <div className={page.page}>
        <h1 dir="auto">{document?.name ?? t('documents.new')}</h1>
        <TextField
          label={t('documents.name')}
          value={draft.name}
          error={errorOf('name')}
          onChange={(name) => setDraft({ ...draft, name })}
          autoFocus
        />
        <TextField
          label={t('documents.description')}
          value={draft.description}
          error={errorOf('description')}
          onChange={(description) => setDraft({ ...draft, description })}
          multiline
        />
        <h2>{t('documents.fieldsTitle')}</h2>
        <FieldTree
          fields={draft.fields}
          wrong={typeof place === 'string' ? null : place}
          sentence={sentence}
          onChange={(fields) => setDraft({ ...draft, fields })}
        />
        {save.error && place === null && <ErrorNotice error={save.error} />}
        <div className={page.actions}>
          <Button type="submit" variant="primary" disabled={save.isPending}>
            {t('save')}
          </Button>
          <Button onClick={onCancel}>{t('cancel')}</Button>
        </div>
      </div>
      <section className={styles.side} aria-label={t('documents.preview')}>
        <h2>{t('documents.preview')}</h2>
        <pre className={page.code} tabIndex={0} dir="ltr">
          {previewOf(draft.fields)}
        </pre>
      </section>
    </form>
  )
}
