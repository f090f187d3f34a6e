/** What the fields of the editor have of it. */
import type { ComputedRef, InjectionKey, Ref } from 'vue';
import type { CampaignBody, CampaignDocument } from '../wire.ts';

export interface EditorContext {
  body: Ref<CampaignBody>;
  /** As it is stored; undefined: it is not yet. */
  stored: Ref<CampaignDocument | undefined>;
  isPublished: ComputedRef<boolean>;
  mistakeOf(path: string): string | undefined;
  /** Whether what is said of it only keeps the campaign from starting. */
  isOnlyWanted(path: string): boolean;
  /** Whether something is wrong at a path or below it. */
  isWrongBelow(path: string): boolean;
}

export const EDITOR: InjectionKey<EditorContext> = Symbol('editor');
