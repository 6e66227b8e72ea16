# Splits a table as an Attune run did (its split.json) and scores scikit-learn's models on the same rows.
# usage: tables.py DATA.csv TARGET split.json FOLDER   -> FOLDER/train.csv (training and validation rows), FOLDER/test.csv
import base64, csv, json, sys
data, target, split, folder = sys.argv[1:5]
report = json.load(open(split))
packed = base64.b64decode(report["assignment"])
rows = list(csv.reader(open(data, newline="", encoding="utf-8-sig")))
header, rows = rows[0], rows[1:]
assert len(rows) == report["rows"], (len(rows), report["rows"])
side = [packed[i >> 2] >> ((i & 3) * 2) & 3 for i in range(len(rows))]
for name, keep in (("train", (0, 1)), ("test", (2,))):
    with open(f"{folder}/{name}.csv", "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f); out.writerow(header); out.writerows(r for r, s in zip(rows, side) if s in keep)
