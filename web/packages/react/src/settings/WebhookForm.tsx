import { useState } from 'react'
import { useDocumentPages } from '../documents/useDocuments'
import { CheckField } from '../forms/CheckField'
import { FormDialog } from '../forms/FormDialog'
import { at, refusalOf } from '../forms/refusal'
import { SelectField } from '../forms/SelectField'
import { TextField } from '../forms/TextField'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ErrorNotice } from '../ui/States'
import styles from './settings.module.css'
import { useSaveWebhook, type Webhook } from './useWebhooks'

interface Props {
  webhook: Webhook | null
  onSaved: (webhook: Webhook) => void
  onCancel: () => void
}

export function WebhookForm({ webhook, onSaved, onCancel }: Props) {
  const { t } = useText()
  const save = useSaveWebhook()
  const [name, setName] = useState(webhook?.name ?? '')
  const [url, setURL] = useState(webhook?.url ?? '')
  const [scope, setScope] = useState(webhook?.scope ?? 'all')
  const [documentIds, setDocumentIds] = useState(webhook?.documentIds ?? [])
  const submit = () => {
    const body = { name, url, scope, documentIds: scope === 'all' ? [] : documentIds }
    save.mutate({ id: webhook?.id ?? null, body }, { onSuccess: onSaved })
  }
  const sentence = refusalOf(save.error)
  const placed = at(sentence, 'name') ?? at(sentence, 'url')
  return (
    <FormDialog title={webhook?.name ?? t('webhooks.new')} busy={save.isPending} onSubmit={submit} onCancel={onCancel}>
      <TextField label={t('name')} value={name} onChange={setName} error={at(sentence, 'name')} autoFocus />
      <TextField
        label={t('webhooks.url')}
        hint={t('webhooks.urlHint')}
        type="url"
        value={url}
        onChange={setURL}
        error={at(sentence, 'url')}
      />
      <SelectField
        label={t('webhooks.scope')}
        value={scope}
        options={[
          { value: 'all', label: t('webhooks.scopeAll') },
          { value: 'selected', label: t('webhooks.scopeSelected') },
        ]}
        onChange={(value) => setScope(value as Webhook['scope'])}
      />
      {scope === 'selected' && <DocumentChoice chosen={documentIds} onChange={setDocumentIds} />}
      {save.error && !placed && <ErrorNotice error={save.error} />}
    </FormDialog>
  )
}

function DocumentChoice({ chosen, onChange }: { chosen: string[]; onChange: (ids: string[]) => void }) {
  const { t } = useText()
  const list = useDocumentPages('')
  const documents = list.data?.pages.flatMap(({ items }) => items) ?? []
  const choose = (id: string, wanted: boolean) => onChange(wanted ? [...chosen, id] : chosen.filter((other) => other !== id))
  return (
    <fieldset className={styles.choice}>
      <legend>{t('documents.title')}</legend>
      {documents.map(({ id, name }) => (
        <CheckField key={id} label={name} checked={chosen.includes(id)} onChange={(wanted) => choose(id, wanted)} />
      ))}
      {list.hasNextPage && <Button onClick={() => void list.fetchNextPage()}>{t('documents.more')}</Button>}
    </fieldset>
  )
}
