import type { Random, Rgb } from './random';
import type { Arms } from './skeleton';

const SKIN: readonly Rgb[] = [
  [228, 186, 158],
  [205, 160, 125],
  [160, 112, 80],
  [98, 66, 46],
];
const HAIR: readonly Rgb[] = [
  [30, 24, 20],
  [44, 32, 24],
  [70, 48, 30],
  [120, 90, 55],
  [56, 40, 30],
  [150, 150, 150],
];
const TOPS: readonly Rgb[] = [
  [38, 42, 54],
  [60, 70, 110],
  [130, 40, 40],
  [210, 205, 196],
  [70, 90, 60],
  [150, 120, 70],
  [24, 24, 26],
  [90, 110, 150],
  [180, 60, 90],
  [220, 190, 60],
  [100, 100, 104],
  [40, 110, 120],
  [190, 196, 204],
];
const TROUSERS: readonly Rgb[] = [
  [36, 40, 52],
  [58, 72, 104],
  [84, 104, 142],
  [26, 26, 28],
  [96, 92, 86],
  [150, 134, 106],
  [58, 54, 48],
  [70, 74, 62],
];
const SHOES: readonly Rgb[] = [
  [26, 24, 24],
  [60, 44, 34],
  [196, 196, 198],
  [90, 90, 96],
];

export type Top = 'shirt' | 't-shirt' | 'jacket' | 'coat' | 'vest';
export type Bottom = 'trousers' | 'shorts' | 'skirt';
export type Bag = 'none' | 'backpack' | 'shoulder' | 'hand';
export type Hair = 'short' | 'long' | 'bald' | 'cap' | 'hood';

export interface PersonLook {
  readonly skin: Rgb;
  readonly hair: Rgb;
  readonly topColour: Rgb;
  readonly shirtColour: Rgb;
  readonly bottomColour: Rgb;
  readonly shoeColour: Rgb;
  readonly bagColour: Rgb;
  readonly top: Top;
  readonly bottom: Bottom;
  readonly bag: Bag;
  readonly hairCut: Hair;
  readonly arms: Arms;
  /** How broad, 1 is usual. */
  readonly build: number;
  /** Where folds of the clothes run, 0-1 each. */
  readonly folds: readonly number[];
}

export function randomPerson(random: Random): PersonLook {
  return {
    skin: random.pick(SKIN),
    hair: random.pick(HAIR),
    topColour: random.pick(TOPS),
    shirtColour: random.pick(TOPS),
    bottomColour: random.pick(TROUSERS),
    shoeColour: random.pick(SHOES),
    bagColour: random.pick(SHOES),
    top: random.pick(['shirt', 'shirt', 't-shirt', 't-shirt', 'jacket', 'jacket', 'coat', 'vest']),
    bottom: random.pick(['trousers', 'trousers', 'trousers', 'trousers', 'shorts', 'skirt']),
    bag: random.pick(['none', 'none', 'none', 'backpack', 'shoulder', 'hand']),
    hairCut: random.pick([
      ...(['short', 'short', 'short', 'short', 'long', 'long', 'long'] as const),
      ...(['bald', 'cap', 'hood'] as const),
    ]),
    arms: random.pick(['swing', 'swing', 'swing', 'swing', 'pockets', 'phone', 'carry']),
    build: random.between(0.9, 1.18),
    folds: Array.from({ length: 6 }, () => random.next()),
  };
}
