import { useState } from 'react'
import { FormDialog } from '../forms/FormDialog'
import { at, refusalOf } from '../forms/refusal'
import { TextField } from '../forms/TextField'
import { useText } from '../provider'
import { ErrorNotice } from '../ui/States'
import { type APIKey, useSaveKey } from './useKeys'

interface Props {
  item: APIKey | null
  onSaved: (key: APIKey) => void
  onCancel: () => void
}

/** KeyForm creates a key, or changes one's name, domains and expiry. */
export function KeyForm({ item, onSaved, onCancel }: Props) {
  const { t } = useText()
  const save = useSaveKey()
  const [name, setName] = useState(item?.name ?? '')
  const [domains, setDomains] = useState(item?.allowedDomains.join('\n') ?? '')
  const [expires, setExpires] = useState(dayOf(item?.expiresAt ?? null))
  const submit = () => {
    const allowedDomains = domains.split(/[\s,]+/).filter((domain) => domain !== '')
    const expiresAt = expires === '' ? null : endOfDay(expires)
    save.mutate({ id: item?.id ?? null, body: { name, allowedDomains, expiresAt } }, { onSuccess: onSaved })
  }
  const sentence = refusalOf(save.error)
  const placed = ['name', 'allowedDomains', 'expiresAt'].some((input) => at(sentence, input))
  return (
    <FormDialog title={item?.name ?? t('keys.new')} busy={save.isPending} onSubmit={submit} onCancel={onCancel}>
      <TextField label={t('name')} value={name} onChange={setName} error={at(sentence, 'name')} autoFocus />
      <TextField
        label={t('keys.domains')}
        hint={t('keys.domainsHint')}
        value={domains}
        onChange={setDomains}
        error={at(sentence, 'allowedDomains')}
        multiline
      />
      <TextField
        label={t('keys.expires')}
        hint={t('keys.expiresHint')}
        type="date"
        value={expires}
        onChange={setExpires}
        error={at(sentence, 'expiresAt')}
      />
      {save.error && !placed && <ErrorNotice error={save.error} />}
    </FormDialog>
  )
}

/** endOfDay is the last second of a day where the user is. */
function endOfDay(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString()
}

/** dayOf is the day of a time where the user is, as an input of dates has it. */
function dayOf(time: string | null): string {
  if (time === null) return ''
  const at = new Date(time)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
