/** A setting in the address and back. Only what differs from the first value is written; what cannot be used is that. Knows no page. */
import { shapes } from './data.js';
import { choiceOf, initialOptions, lossChoices } from './losses.js';
import type { Setting } from './trainer.js';

export const SHARE = { low: 0.02, high: 0.5, step: 0.01 };

export const firstSetting: Setting = {
  loss: lossChoices[0].loss.lossName,
  options: initialOptions(lossChoices[0]),
  data: shapes[0].id,
  share: 0.05,
  seed: 1,
};

function numberOf(params: URLSearchParams, name: string, low: number, high: number, usual: number): number {
  const given = params.get(name);
  const value = given === null || given.trim() === '' ? NaN : Number(given);
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : usual;
}

export function settingOf(params: URLSearchParams): Setting {
  const choice = choiceOf(params.get('loss') ?? '');
  const options = Object.fromEntries(
    choice.controls.map(({ name, low, high, initial }) => [name, numberOf(params, name, low, high, initial)]),
  );
  const data = shapes.find(({ id }) => id === params.get('data'))?.id ?? firstSetting.data;
  return {
    loss: choice.loss.lossName,
    options,
    data,
    share: numberOf(params, 'share', SHARE.low, SHARE.high, firstSetting.share),
    seed: Math.round(numberOf(params, 'seed', 1, 9999, firstSetting.seed)),
  };
}

export function paramsOf({ loss, options, data, share, seed }: Setting): URLSearchParams {
  const params = new URLSearchParams();
  if (loss !== firstSetting.loss) params.set('loss', loss);
  const usual = initialOptions(choiceOf(loss));
  for (const [name, value] of Object.entries(options))
    if (value !== usual[name]) params.set(name, String(Number(value.toPrecision(6))));
  if (data !== firstSetting.data) params.set('data', data);
  if (share !== firstSetting.share) params.set('share', String(Number(share.toPrecision(6))));
  if (seed !== firstSetting.seed) params.set('seed', String(seed));
  return params;
}
