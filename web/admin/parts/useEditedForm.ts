import { computed, reactive, shallowRef, type ComputedRef, type Ref } from 'vue';
import { asKaijiangError } from '../../../src/client/kaijiangError.ts';
import { isSame, threeWay, type FieldDiff } from './threeWay.ts';

/** Of each field that differs, whose is kept. */
export type Taken = Record<string, 'mine' | 'theirs'>;

export interface EditedForm<Doc, Fields> {
  form: Fields;
  /** What the form is based on; undefined: something new. */
  base: Ref<Doc | undefined>;
  isChanged: ComputedRef<boolean>;
  /** Where the form differs from what somebody else has saved meanwhile; undefined: nobody has. */
  differing: ComputedRef<FieldDiff[] | undefined>;
  /** Passes on what saving answers and throws; from a refusal it knows what is there now. */
  noting<Answer>(save: () => Promise<Answer>): Promise<Answer>;
  /** Goes on from what somebody else has saved, with what was chosen of mine: to be saved again. */
  take(taken: Taken): void;
  /** Leaves the form as it is. */
  later(): void;
  /** Begins anew, from what was saved. */
  show(doc: Doc): void;
}

/** A document in a form: of two who change it the second is shown what differs, field by field (RW-11). */
export function useEditedForm<Doc extends object, Fields extends object>(
  read: Doc | undefined,
  fieldsOf: (doc: Doc | undefined) => Fields,
): EditedForm<Doc, Fields> {
  const form = reactive(fieldsOf(read)) as Fields;
  const base: Ref<Doc | undefined> = shallowRef();
  const theirs: Ref<Doc | undefined> = shallowRef();
  base.value = read;
  const differing = computed(() => {
    if (theirs.value === undefined) return undefined;
    return threeWay({ base: fieldsOf(base.value), mine: { ...form }, theirs: fieldsOf(theirs.value) });
  });
  const show = (doc: Doc, mine: object = {}) => {
    base.value = doc;
    Object.assign(form, fieldsOf(doc), mine);
  };
  return {
    ...{ form, base, differing },
    isChanged: computed(() => !isSame({ ...form }, fieldsOf(base.value))),
    noting: async (save) => {
      try {
        return await save();
      } catch (error) {
        const { current } = (asKaijiangError(error).details ?? {}) as { current?: Partial<Doc> };
        if (current !== undefined && base.value !== undefined) theirs.value = { ...base.value, ...current };
        throw error;
      }
    },
    take: (taken) => {
      const mine = (differing.value ?? []).filter(({ path }) => taken[path] === 'mine');
      show(theirs.value!, Object.fromEntries(mine.map((field) => [field.path, field.mine])));
      theirs.value = undefined;
    },
    later: () => (theirs.value = undefined),
    show: (doc) => show(doc),
  };
}
