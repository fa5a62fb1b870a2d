import { useState } from 'react'
import type { Schemas } from '../api/types'
import { CheckField } from '../forms/CheckField'
import { FormDialog } from '../forms/FormDialog'
import { at, refusalOf } from '../forms/refusal'
import { SelectField } from '../forms/SelectField'
import { TextField } from '../forms/TextField'
import { useText } from '../provider'
import { ErrorNotice } from '../ui/States'
import { type ConnectionBegun, useConnect } from './useMail'

interface Props {
  onBegun: (begun: ConnectionBegun) => void
  onCancel: () => void
}

/** ConnectForm begins to connect a user's account or a whole organisation. */
export function ConnectForm({ onBegun, onCancel }: Props) {
  const { t } = useText()
  const connect = useConnect()
  const [kind, setKind] = useState<Schemas['ConnectionKind']>('delegated')
  const [microsoftTenantId, setTenant] = useState('')
  const [write, setWrite] = useState(false)
  const sentence = refusalOf(connect.error)
  const submit = () => connect.mutate({ kind, write, ...(kind === 'application' && { microsoftTenantId }) }, { onSuccess: onBegun })
  return (
    <FormDialog title={t('microsoft.connect')} send={t('microsoft.next')} busy={connect.isPending} onSubmit={submit} onCancel={onCancel}>
      <SelectField
        label={t('microsoft.kind')}
        value={kind}
        options={(['delegated', 'application'] as const).map((value) => ({ value, label: t(`microsoft.${value}`) }))}
        onChange={(value) => setKind(value as Schemas['ConnectionKind'])}
      />
      {kind === 'application' && (
        <TextField label={t('microsoft.tenant')} value={microsoftTenantId} onChange={setTenant} error={at(sentence, 'microsoftTenantId')} />
      )}
      <CheckField label={t('microsoft.write')} checked={write} onChange={setWrite} />
      {connect.error && !at(sentence, 'microsoftTenantId') && <ErrorNotice error={connect.error} />}
    </FormDialog>
  )
}
