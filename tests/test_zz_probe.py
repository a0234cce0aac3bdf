import time, zipfile, traceback
import pytest
from recsql import schema
from recsql.ingest import load, sources
def test_a(databases, new_database, tmp_path):
    e=new_database(databases.template("empty", schema.upgrade))
    z=tmp_path/"a.zip"
    import random
    rows="".join(f"{u},1,3.0,{random.randint(1,10**9)}\n" for u in range(1,200000))
    with zipfile.ZipFile(z,"w",zipfile.ZIP_DEFLATED) as f:
        f.writestr("movies.csv","movieId,title,genres\n1,A (1999),Drama\n")
        f.writestr("ratings.csv","userId,movieId,rating,timestamp\n"+rows)
    b=bytearray(z.read_bytes()); i=len(b)//2
    for k in range(50): b[i+k]^=0x55
    z.write_bytes(b)
    try: load.load_movielens(e,z)
    except BaseException as x: print(type(x), x, getattr(x,'hint',None))
    for bad in ["[{'id': 1}]", "[broken", "[{'id': NaN, 'name': 'x'}]", "[{'id': 1e999999, 'name':'x'}]", "[{'name': '\\ud800'}]", "[{'name': '%s'}]" % ("x"*5000), "[{'a': %s}]"%("["*5000+"]"*5000), "[{'name': 'a', 'x': 1e-20000}]"]:
        import sys; sys.path.insert(0,'tests')
        import csv
        cols=load.METADATA_COLUMNS
        row=dict.fromkeys(cols,""); row.update(id="5",title="T",adult="False",genres=bad)
        d=tmp_path/"k"; d.mkdir(exist_ok=True)
        with open(d/"movies_metadata.csv","w",newline="") as f:
            w=csv.writer(f); w.writerow(cols); w.writerow(row.values())
        try: r=load.load_kaggle(e,d); print("ok",bad[:30])
        except BaseException as x: print(bad[:30], type(x), str(x)[:200])
