const list = (words: string): readonly string[] => words.split(" ");

/** Names of people from many places, so that search, sorting and letters beyond ASCII have something to show. */
export const givenNames = list(
  "Ada Adam Agnes Aisha Alan Alma Amir Ana Anton Astrid Béla Bruno Carla Chidi Chloé Clara Daan Deniz Dora Edgar Elif Emil Emma Erik Esther Eva Farid Fatima Felix Fiona Frida Georg Gita Greta Hana Hugo Ida Igor Ines Ivan Jana Jonas José Judit Kai Karin Kofi Lars Lea Leo Lina Luca Maja Malik Marie Marta Mei Mila Nadia Nils Noor Olga Omar Oskar Paul Petra Priya Quentin Rasa Rosa Samir Sanna Sofia Tariq Tess Uma Vera Viktor Wanda Yara Yusuf Zoë",
);
export const familyNames = list(
  "Abbott Adler Ahmed Aydın Bauer Becker Berger Bianchi Brandt Byrne Castro Chen Costa Cruz Dahl Demir Diaz Dubois Eder Egger Fernández Fischer Fuchs Garcia Gruber Haas Haddad Hansen Hofer Huber Ibrahim Ito Ivanova Jansen Jensen Jones Kaya Keller Khan Kim Klein Koch Kowalski Kumar Lang Larsen Lee Lehmann Li López Maier Marino Martin Mayer Miller Moreau Moser Müller Nagy Nguyen Nielsen Novák Okafor Olsen Park Patel Pereira Petrov Pichler Popescu Reiter Ricci Rossi Russo Sato Schmid Schneider Schulz Silva Singh Steiner Suzuki Svensson Tanaka Taylor Torres Tóth Varga Vogel Wagner Wang Weber Winkler Wolf Wong Yılmaz Young Zhang Ziegler",
);

/** The two halves of a made-up company's name. */
export const companyBeginnings = list(
  "Alder Amber Anchor Ash Beacon Birch Bright Cedar Clear Copper Crest Dale Ember Fern Field Flint Forge Gable Glen Granite Harbour Hazel Heron Hollow Juniper Kestrel Lark Linden Loom Maple Meadow Mill Moor North Oak Orchard Otter Pebble Pine Quarry Raven Reed Ridge River Rowan Sable Sage Slate Spruce Stone Summit Tarn Thistle Tide Vale Walnut Wharf Willow Wren Yew",
);
export const companyEndings = list(
  "bank bridge brook croft dale field ford gate grove ham hill holt house land lane leigh mark mere moor park point ridge side stead ton view ward water way well wick wood works yard",
);

export const titles: readonly string[] = [
  "Buyer",
  "Head of Purchasing",
  "Managing Director",
  "Operations Manager",
  "Store Manager",
  "Engineer",
  "Assistant",
  "Finance Lead",
  "Marketing Manager",
  "Owner",
  "Plant Manager",
  "Quality Lead",
];
export const sources = ["Website", "Trade fair", "Referral", "Newsletter", "Cold call"] as const;
export const industries = [
  "Retail",
  "Manufacturing",
  "Hospitality",
  "Health",
  "Energy",
  "Logistics",
  "Education",
];
export const tags = [
  "newsletter",
  "vip",
  "partner",
  "event-spring",
  "trial",
  "press",
  "board",
  "reseller",
  "overdue",
];
export const notes: readonly string[] = [
  "Met at the spring fair; asked for samples.",
  "Prefers a call in the morning.",
  "Wants the price list for next season.",
  "Budget is decided in autumn.",
  "Was with a competitor until last year.",
  "Speaks with two colleagues before any order.",
  "Asked to be reminded after the holidays.",
];
