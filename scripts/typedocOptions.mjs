/**
 * A plugin of TypeDoc: puts a table of the options on the page of each function that has an options' type of its name (mseLoss, MseLossOptions), from
 * that type's docs, so that one page has all that a call needs; and describes gradients by input, whose names are made by a type. It knows no loss.
 */
import { Comment, Converter, ReflectionKind } from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const types = project.getReflectionsByKind(ReflectionKind.Interface | ReflectionKind.TypeAlias);
    const shared = types.find(({ name }) => name === 'CommonOptions');
    for (const type of types) {
      const [, first, rest] = /^(.)(.*)Options$/.exec(type.name) ?? [];
      const described = type.parent?.getChildByName(`${first?.toLowerCase()}${rest}`);
      // Of several signatures the docs are the function's, of one they are the signature's.
      const comment = described?.comment ?? described?.signatures?.[0]?.comment;
      comment?.summary.push(...tableOf(type, shared));
    }
    for (const property of project.getReflectionsByKind(ReflectionKind.Property))
      if (!property.comment && isWithin(property, 'valueAndGrad'))
        property.comment = new Comment([text(`The gradient by ${property.name}.`)]);
  });
}

function isWithin(reflection, name) {
  for (let { parent } = reflection; parent; { parent } = parent) if (parent.name === name) return true;
  return false;
}

const text = (value) => ({ kind: 'text', text: value });
const link = (target) => ({ kind: 'inline-tag', tag: '@link', text: target.name, target });

/** What is not as every loss has it: options of its own, inherited from another function's, or declared anew. */
function tableOf(type, shared) {
  const common = new Set(shared.children.map(({ name }) => name));
  const options = type.children ?? [];
  // The rest have no divisor: functions that are no losses, and name all their options themselves.
  const isLoss = !type.children || options.some(({ name }) => name === 'divisor');
  const own = options.filter(({ name, inheritedFrom }) => !isLoss || !inheritedFrom || !common.has(name));
  const rest = isLoss ? [text(own.length ? ', and ' : ''), link(shared)] : [];
  const head = [text('\n\n**Options**: '), ...(own.length ? [link(type)] : []), ...rest, text('\n\n')];
  if (own.length === 0) return head;
  return [
    ...head,
    text('| option | meaning |\n| --- | --- |\n'),
    ...own.flatMap(({ name, comment }) => [
      text(`| \`${name}\` | `),
      ...oneLine(comment?.summary ?? []),
      text(' |\n'),
    ]),
  ];
}

/** Parts of a comment as the cell of a table. */
function oneLine(parts) {
  return Comment.cloneDisplayParts(parts).map((part) => ({
    ...part,
    text: part.text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|'),
  }));
}
